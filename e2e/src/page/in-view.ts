import type { Locator } from 'playwright-core';

/** Is it within the part of the page that is seen, with nothing over it? */
export function inView(locator: Locator): Promise<boolean> {
  return locator.evaluate((element) => {
    const { document } = globalThis as unknown as { document: { elementFromPoint(x: number, y: number): unknown } };
    const { x, y } = (
      element as unknown as { getBoundingClientRect(): { x: number; y: number } }
    ).getBoundingClientRect();
    return document.elementFromPoint(x + 2, y + 8) === element;
  });
}
