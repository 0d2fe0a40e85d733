import { printableLine } from '../render/printable.ts';

/** Text of services in an SVG: it can neither end an element nor begin one. */
export function svgText(text: string): string {
  return printableLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** As much of a text as has room, when a character takes about `per` pixels; what is left out shows as "…". */
export function fitSvgText(text: string, room: number, per = 6.6): string {
  const line = printableLine(text);
  const fits = Math.floor(room / per);
  if (line.length <= fits) return svgText(line);
  // A few letters say nothing.
  return fits < 8 ? '' : `${svgText(line.slice(0, fits - 1).trimEnd())}…`;
}

/** Lines of at most so many characters, broken between words. */
export function wrapText(text: string, characters: number): string[] {
  const lines: string[] = [''];
  for (const word of printableLine(text).split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= characters) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
