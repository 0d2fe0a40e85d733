import type { RawRow } from './records.ts';

const NAMED_TOTAL = /^(?:grand[ _-]?)?(?:totals?|sums?|summe|gesamt)\b/i;

/**
 * Whether the last row only sums up the others, as spreadsheets and exports do: one of its cells says so, and its tokens are exactly the sums.
 * Counted as a request it would double every figure.
 */
export function isTotalsRow(last: RawRow, input: readonly number[], output: readonly number[]): boolean {
  if (input.length < 3 || !last.cells.some((cell) => typeof cell === 'string' && NAMED_TOTAL.test(cell.trim())))
    return false;
  const sumBefore = (values: readonly number[]): number => values.slice(0, -1).reduce((all, value) => all + value, 0);
  return sumBefore(input) === input.at(-1) && sumBefore(output) === output.at(-1);
}
