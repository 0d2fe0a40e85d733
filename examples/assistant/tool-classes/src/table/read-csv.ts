import { tooManyCells } from './cell-limit.ts';
import type { RawRow, Records, Unreadable } from './records.ts';
import { accept, quote, refuse, type Outcome } from './refusal.ts';
import { findHeader, withoutEmptyEnd } from './find-header.ts';
import { detectSeparator } from './separator.ts';
import { splitCsv } from './split-csv.ts';

/** Excel's own first line, which says how the others are separated. */
const SEPARATOR_LINE = /^sep=([,;\t|])(?=\r|\n)/i;

/** Reads text with a header line and separators `, ; tab |`. Lines that do not fit are kept aside with their number, not dropped. */
export function readCsv(whole: string, onRows?: (share: number) => void): Outcome<Records> {
  const said = SEPARATOR_LINE.exec(whole);
  // Blanked out and not cut off, so that lines keep their numbers.
  const text = said === null ? whole : whole.slice(said[0].length).padStart(whole.length, ' ');
  const separator = said?.[1] ?? detectSeparator(text);
  if (separator === undefined) {
    return refuse(
      'not_a_table',
      'This text is not a table: its first line has no columns. Send CSV with a header line, or JSON.',
      'a header line and rows, separated by comma, semicolon, tab or |',
      quote(text.trimStart().split(/\r\n|\n|\r/, 1)[0] ?? ''),
    );
  }
  const { rows: all, broken, tooMany } = splitCsv(text, separator, onRows);
  if (tooMany) return tooManyCells(`more, in ${all.length} rows and further ones`);
  const filled = all.filter(({ cells }) => cells.some((cell) => cell !== ''));
  const place = findHeader(filled);
  const [head, ...body] = filled.slice(place);
  const first = broken[0];
  if (head === undefined || (place === 0 && first !== undefined && first.number < head.number)) {
    return refuse(
      'not_a_table',
      `The header line cannot be read as CSV: ${first?.reason ?? 'there is none'}.`,
      'a header line whose quoted fields are closed',
      quote(first?.text ?? ''),
    );
  }
  const header = withoutEmptyEnd(head.cells.map(String));
  const rows: RawRow[] = [];
  const unreadable: Unreadable[] = broken.map(({ number, reason, text: found }) => ({
    number,
    reason,
    found: quote(found),
  }));
  for (const row of body) {
    const cells = row.cells.length > header.length ? withoutEmptyEnd(row.cells) : row.cells;
    // What was cut may be empty cells of columns that have names.
    if (cells.length <= header.length && row.cells.length >= header.length) {
      rows.push({ ...row, cells: row.cells.slice(0, header.length) });
    } else
      unreadable.push({
        number: row.number,
        reason: `the row has ${row.cells.length} cells, the header has ${header.length}`,
        found: quote(row.cells.join(separator)),
      });
  }
  return accept({ format: 'csv', separator, numbering: 'line', header, rows, unreadable });
}
