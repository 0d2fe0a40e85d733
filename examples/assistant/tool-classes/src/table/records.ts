/** Cells as they were read, before anything is known about what they mean. */
export interface Records {
  format: 'csv' | 'json' | 'jsonl';
  /** Only for CSV. */
  separator?: string;
  /** What a row number counts: lines of the file, or elements of the JSON array; both from 1. */
  numbering: 'line' | 'element';
  header: string[];
  rows: RawRow[];
  /** Records that could not even be read as a row of this header. */
  unreadable: Unreadable[];
}

export interface RawRow {
  number: number;
  cells: Cell[];
}

/** Numbers and booleans occur in JSON only; an absent cell is the empty string. */
export type Cell = string | number | boolean;

export interface Unreadable {
  number: number;
  reason: string;
  found: string;
}
