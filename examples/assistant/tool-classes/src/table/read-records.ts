import { emptyCells } from './empty-cells.ts';
import { readCsv } from './read-csv.ts';
import { readJson } from './read-json.ts';
import type { Records } from './records.ts';
import { quote, refuse, type Outcome } from './refusal.ts';

export type TableFormat = 'csv' | 'json';

/** Text to rows. Without a format the first character decides: `[` and `{` begin JSON, anything else is read as CSV. */
export function readRecords(content: string, format?: TableFormat, onRows?: (share: number) => void): Outcome<Records> {
  const text = content.startsWith('\uFEFF') ? content.slice(1) : content;
  if (text.trim() === '') {
    return refuse(
      'empty_table',
      'The file is empty. Send a table with a header line and at least one row.',
      'rows',
      'nothing',
    );
  }
  if (text.includes('\u0000')) {
    return refuse(
      'not_a_table',
      'This is binary data, not a table. Send CSV or JSON as UTF-8 text.',
      'CSV or JSON text',
      quote(text),
    );
  }
  const begins = text.trimStart()[0];
  const read =
    (format ?? (begins === '[' || begins === '{' ? 'json' : 'csv')) === 'json' ? readJson(text) : readCsv(text, onRows);
  if (!read.ok) return read;
  emptyCells(read.value.rows);
  if (read.value.rows.length > 0) return read;
  const { header, unreadable } = read.value;
  if (unreadable.length > 0) {
    return refuse(
      'no_usable_rows',
      `No row can be read: ${unreadable[0]?.reason ?? ''} (${read.value.numbering} ${unreadable[0]?.number ?? 0}).`,
      'rows as wide as the header',
      `${unreadable.length} rows that are not`,
    );
  }
  return refuse(
    'empty_table',
    'The table has no rows. Send at least one row below the header.',
    'at least one row',
    header.length === 0 ? 'no rows' : `only the header ${quote(header.join(', '))}`,
  );
}
