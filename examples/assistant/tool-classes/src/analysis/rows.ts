import { ROWS_SAMPLE } from '../results/figures.ts';
import type { UsageTable } from '../table/usage-table.ts';

/** Row numbers of the file for these indexes, at most `ROWS_SAMPLE`, in the order given. */
export function rowNumbers(table: UsageTable, indexes: readonly number[]): number[] {
  return indexes.slice(0, ROWS_SAMPLE).map((index) => table.number[index] ?? 0);
}

/** Input and output tokens of a row together. */
export function tokensAt(table: UsageTable, index: number): number {
  return (table.input[index] ?? 0) + (table.output[index] ?? 0);
}
