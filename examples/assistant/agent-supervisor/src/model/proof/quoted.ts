import type { GivenFigures } from './given-figures.ts';

/** Longest part of a question that may be repeated at once. */
const LONGEST_QUOTE = 300;

/**
 * The text without what is set apart as somebody else's words: names of the data and parts of the question in backticks, parts of the
 * question in double quotes. Each must be exact; what is not stays, with its figures.
 */
export function withoutQuotes(text: string, { names }: Pick<GivenFigures, 'names'>, question: string): string {
  const isOfQuestion = (inner: string): boolean =>
    // A number alone is no quotation.
    inner.length <= LONGEST_QUOTE && /\p{L}/u.test(inner) && question.includes(inner);
  return text
    .replace(/(`{1,3})([^`\n]+)\1(?!`)/g, (whole, _marks, inner: string) => {
      const name = inner.trim();
      return names.has(name) || isOfQuestion(name) ? ' ' : whole;
    })
    .replace(/"([^"\n]+)"|“([^”\n]+)”|„([^“\n]+)“|«([^»\n]+)»/g, (whole, ...groups: unknown[]) => {
      const inner = groups.slice(0, 4).find((group) => typeof group === 'string');
      return typeof inner === 'string' && isOfQuestion(inner.trim()) ? ' ' : whole;
    });
}

/** The text without the numbers of ordered lists, which count up from 1 and say nothing. Others stay. */
export function withoutOrdinals(text: string): string {
  let last = 0;
  return text
    .split('\n')
    .map((line) => {
      const [mark, before = '', digits = ''] =
        /^((?:[\s>]|#{1,6} )*)(?:\*\*)?(\d{1,2})[.)](?:\*\*)?(?=\s)/.exec(line) ?? [];
      if (mark === undefined) return line;
      const ordinal = Number(digits);
      if (ordinal !== 1 && ordinal !== last + 1) return line;
      last = ordinal;
      return `${before} ${line.slice(mark.length)}`;
    })
    .join('\n');
}
