import { rolesOfName } from './column-words.ts';
import type { RawRow } from './records.ts';

/** Rows in which the header is looked for: exports put a title, a date or blank rows above it. */
const ROWS_LOOKED_AT = 20;

/** Where the header is: the first row that names input and output tokens, else the first one. */
export function findHeader(rows: readonly RawRow[]): number {
  const place = rows.slice(0, ROWS_LOOKED_AT).findIndex(({ cells }) => {
    const roles = cells.map((cell) => rolesOfName(String(cell)));
    return (['input', 'output'] as const).every((role) => roles.some((one) => one.has(role)));
  });
  return Math.max(0, place);
}

/** Without the empty cells at its end, which a separator at the end of a line makes. */
export function withoutEmptyEnd<T>(cells: readonly T[]): T[] {
  return cells.slice(0, cells.findLastIndex((cell) => String(cell).trim() !== '') + 1);
}
