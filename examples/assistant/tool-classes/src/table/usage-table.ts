import type { DecimalSign } from './number-style.ts';
import type { RecognisedColumn } from './recognise-columns.ts';
import type { Records } from './records.ts';

/**
 * A table of AI usage, by columns, one entry per accepted row in the order of the file. Times are epoch milliseconds and NaN where
 * a row has none; `cost` likewise. Columns that the file does not have are absent.
 */
export interface UsageTable {
  /** SHA-256 of the text, hex: names the table in later calls of the same session. */
  ref: string;
  name?: string;
  bytes: number;
  format: Records['format'];
  separator?: string;
  numbering: Records['numbering'];
  columns: RecognisedColumn[];
  /** Line or element number of each row. */
  number: Int32Array;
  input: Float64Array;
  output: Float64Array;
  time?: Float64Array;
  timeFormats: string[];
  /** True when some calendar time had no zone and was read as UTC. */
  assumedUtc: boolean;
  /** The sign before fractions in its numbers. */
  decimal: DecimalSign;
  cachedInput?: Float64Array;
  /** Milliseconds that each request took. */
  duration?: Float64Array;
  /** Empty where a row has none. */
  promptHash?: string[];
  prefixHash?: string[];
  /** A column that says of some row that it sums up several requests, and how many each row does; absent where each row is one. */
  summedBy?: string;
  requests?: Float64Array;
  /** Absent when its amounts are in several currencies: then `currencies` names them. */
  cost?: Float64Array;
  currency?: string;
  currencies?: string[];
  model?: string[];
  /** Names longer than `LONGEST_NAME` were cut. */
  namesCut: boolean;
  tags: { name: string; values: string[] }[];
  /** Rows that take part in nothing, each with its reason. */
  rejected: RowProblem[];
  /** Rows that are counted, but lack a usable time, cost or cached count. */
  incomplete: RowProblem[];
}

export interface RowProblem {
  row: number;
  column?: string;
  reason: string;
  found: string;
}

/** Rows that were read, whether they could be used or not. */
export function rowsRead(table: UsageTable): number {
  return table.input.length + table.rejected.length;
}
