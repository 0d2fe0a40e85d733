import type { Page } from 'playwright-core';

/** Texts of the page whose contrast with what lies behind them is below WCAG AA: 4.5, or 3 for large and bold ones. */
export function lowContrasts(page: Page): Promise<string[]> {
  return page.evaluate(findLowContrasts);
}

/** Runs in the page. */
function findLowContrasts(): string[] {
  type Style = { color: string; backgroundColor: string; fontSize: string; fontWeight: string };
  type Node = { parentElement: Node | null; textContent: string; disabled?: boolean; checkVisibility(): boolean };
  const { document, getComputedStyle } = globalThis as unknown as {
    document: { createTreeWalker(root: unknown, show: number): { nextNode(): Node | null }; body: unknown };
    getComputedStyle(element: Node): Style;
  };
  const channels = (color: string): number[] => {
    const found = (/rgba?\(([^)]+)\)/.exec(color)?.[1] ?? '0,0,0,0').split(/[,/ ]+/).map(Number);
    return found.length === 3 ? [...found, 1] : found;
  };
  const luminance = (color: number[]): number => {
    const [red = 0, green = 0, blue = 0] = color.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const backgroundOf = (element: Node | null): number[] => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor);
      if (color[3] === 1) return color;
    }
    return [255, 255, 255, 1];
  };
  const found: string[] = [];
  const walker = document.createTreeWalker(document.body, 4);
  for (let text = walker.nextNode(); text !== null; text = walker.nextNode()) {
    const element = text.parentElement;
    if (element === null || text.textContent.trim() === '' || !element.checkVisibility()) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const [one, two] = [luminance(channels(color)), luminance(backgroundOf(element))].toSorted((a, b) => b - a);
    const ratio = ((one ?? 0) + 0.05) / ((two ?? 0) + 0.05);
    const size = Number.parseFloat(fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) found.push(`${ratio.toFixed(2)}: ${text.textContent.trim().slice(0, 40)}`);
  }
  return found;
}
