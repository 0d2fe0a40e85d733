/**
 * Runs in a page with one SVG whose bars are the `rect` of a group each: how many texts it has, and which of them lie on another one or on a bar
 * that is not theirs, leave the picture, or leave their bar. A "✕" marks the end of a bar.
 */
export function collidingTexts(): { texts: number; faults: string[] } {
  type Box = { left: number; right: number; top: number; bottom: number };
  type Node = {
    textContent: string;
    parentElement: Node;
    tagName: string;
    querySelector(selector: string): Node | null;
    getBoundingClientRect(): Box;
  };
  const { document } = globalThis as unknown as {
    document: { querySelector(selector: string): Node; querySelectorAll(selector: string): Iterable<Node> };
  };
  /** Half a pixel is no collision. */
  const slack = 0.5;
  const within = (one: Box, other: Box): boolean => one.left >= other.left - slack && one.right <= other.right + slack;
  /** Line boxes are higher than letters: rows may touch. */
  const overlap = (one: Box, other: Box): boolean =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > slack &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 4;
  const faults: string[] = [];
  const picture = document.querySelector('svg').getBoundingClientRect();
  const bars = [...document.querySelectorAll('svg g rect')].map((node) => node.getBoundingClientRect());
  const texts = [...document.querySelectorAll('svg text')].map((node) => ({ node, box: node.getBoundingClientRect() }));
  for (const [index, { node, box }] of texts.entries()) {
    const words = node.textContent;
    if (!within(box, picture) || box.bottom > picture.bottom) faults.push(`"${words}" leaves the picture`);
    const bar = node.parentElement.tagName === 'g' ? node.parentElement.querySelector('rect') : null;
    if (bar !== null && !within(box, bar.getBoundingClientRect())) faults.push(`"${words}" leaves its bar`);
    if (bar === null && words !== '✕' && bars.some((one) => overlap(box, one))) faults.push(`"${words}" lies on a bar`);
    for (const other of texts.slice(index + 1)) {
      if (overlap(box, other.box)) faults.push(`"${words}" lies on "${other.node.textContent}"`);
    }
  }
  return { texts: texts.length, faults };
}
