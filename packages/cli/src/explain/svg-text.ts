import { printableLine } from '../render/printable.ts';

/** Text of services in an SVG: it can neither end an element nor begin one. */
export function svgText(text: string): string {
  return printableLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Widths in em of the widest of the fonts that are asked for: what fits in that one fits in the others. */
const widths: readonly [RegExp, number][] = [
  [/[ijlftrI.,:;!|'’()[\]/\\ -]/u, 0.42],
  [/[mMW—…%@&]/u, 1],
  [/[w\p{Lu}]/u, 0.8],
  // Full-width letters, and signs that are drawn like them.
  [/[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{Extended_Pictographic}\uff00-\uffef]/u, 1.1],
];
const otherWidth = 0.64;
const boldWidth = 1.13;
/** Fewer letters than this say nothing. */
const leastLetters = 7;

/** As much of a text as has room, of letters of so many pixels; what is left out shows as "…". */
export function fitSvgText(
  text: string,
  room: number,
  { size, bold = false }: { size: number; bold?: boolean },
): string {
  const em = bold ? size * boldWidth : size;
  const letters = [...printableLine(text)];
  const widthOf = (letter: string): number => (widths.find(([of]) => of.test(letter))?.[1] ?? otherWidth) * em;
  const ends: number[] = [];
  for (const letter of letters) ends.push((ends.at(-1) ?? 0) + widthOf(letter));
  if ((ends.at(-1) ?? 0) <= room) return svgText(letters.join(''));
  const kept = ends.filter((end) => end <= room - em).length;
  return kept < leastLetters ? '' : `${svgText(letters.slice(0, kept).join('').trimEnd())}…`;
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
