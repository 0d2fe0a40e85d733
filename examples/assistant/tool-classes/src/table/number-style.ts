import { rolesOfName, type Role } from './column-words.ts';
import type { Records } from './records.ts';

/** Which sign stands before the fraction. The other one may group thousands. */
export type DecimalSign = '.' | ',';

const NUMBER_ROLES: readonly Role[] = ['input', 'output', 'cachedInput', 'cost', 'duration'];
/** Rows looked at; one cell that can be read in one way only is enough. */
const ROWS_SEEN = 2000;

const DECORATION = /[$€£¥\s\u00a0\u202f]|^[A-Z]{3}|[A-Z]{3}$/g;
/** Three digits after the sign and no leading 0: thousands or a fraction, nobody can tell. */
export const COMMA_EITHER = /^-?[1-9]\d{0,2},\d{3}$/;
const POINT_EITHER = /^-?[1-9]\d{0,2}\.\d{3}$/;
const COMMA_FRACTION = /^-?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+$/;
const POINT_GROUPS = /^-?\d{1,3}(?:\.\d{3}){2,}$/;
const POINT_FRACTION = /^-?(?:\d+|\d{1,3}(?:,\d{3})+)\.\d+$/;
const COMMA_GROUPS = /^-?\d{1,3}(?:,\d{3}){2,}$/;

/**
 * The decimal sign of a file, from the cells of its number columns that can be read in one way only ("0,25", "1.234,5" against "0.25",
 * "1,234.5"). Where none can: a comma separates cells or thousands, but a point in a count of tokens of a file that
 * separates cells by something else groups thousands, since there are no fractions of tokens.
 */
export function decimalSignOf({ header, rows, separator }: Records): DecimalSign {
  const numeric = header.flatMap((name, index) => {
    const roles = rolesOfName(name);
    return NUMBER_ROLES.some((role) => roles.has(role)) ? [index] : [];
  });
  const found = { comma: 0, point: 0, pointEither: 0 };
  const step = Math.max(1, Math.floor(rows.length / ROWS_SEEN));
  for (let row = 0; row < rows.length; row += step) {
    for (const index of numeric) {
      const cell = rows[row]?.cells[index];
      if (typeof cell !== 'string') continue;
      const text = cell.replace(DECORATION, '');
      if (COMMA_EITHER.test(text)) continue;
      else if (POINT_EITHER.test(text)) found.pointEither += 1;
      else if (COMMA_FRACTION.test(text) || POINT_GROUPS.test(text)) found.comma += 1;
      else if (POINT_FRACTION.test(text) || COMMA_GROUPS.test(text)) found.point += 1;
    }
  }
  if (found.comma > 0 && found.point === 0) return ',';
  const groupsByPoint = found.pointEither > 0 && separator !== undefined && separator !== ',';
  return found.comma === 0 && found.point === 0 && groupsByPoint ? ',' : '.';
}
