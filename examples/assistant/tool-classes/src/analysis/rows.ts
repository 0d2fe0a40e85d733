import { ROWS_SAMPLE } from '../results/figures.ts';
import type { UsageTable } from '../table/usage-table.ts';
import { sum } from './sum.ts';

/** Row numbers of the file for these indexes, at most `ROWS_SAMPLE`, in the order given. */
export function rowNumbers(table: UsageTable, indexes: readonly number[]): number[] {
  return indexes.slice(0, ROWS_SAMPLE).map((index) => table.number[index] ?? 0);
}

/** Input and output tokens of a row together. */
export function tokensAt(table: UsageTable, index: number): number {
  return (table.input[index] ?? 0) + (table.output[index] ?? 0);
}

/** How many requests these rows are: as many as rows, unless the file says how many each row sums up. */
export function requestsIn({ requests }: UsageTable, indexes: readonly number[]): number {
  return requests === undefined ? indexes.length : sum(indexes.map((index) => requests[index] ?? 0));
}
