import { createHash } from 'node:crypto';
import { silent, type Tell } from '../work/job.ts';
import { parseTokens } from './cell-values.ts';
import { collectRows } from './collect-rows.ts';
import { decimalSignOf } from './number-style.ts';
import { readRecords, type TableFormat } from './read-records.ts';
import { recogniseColumns, type RecognisedColumn } from './recognise-columns.ts';
import type { Records } from './records.ts';
import { accept, quote, refuse, type Outcome } from './refusal.ts';
import { parseTime } from './time-values.ts';
import type { UsageTable } from './usage-table.ts';

/** Largest text that is taken, in UTF-8 bytes: the same as the thread service stores. */
export const MAX_TABLE_BYTES = 10 * 1024 * 1024;

export interface TableSource {
  content: string;
  format?: TableFormat | undefined;
  name?: string | undefined;
}

export function hashOf(content: string): string {
  return createHash('sha256').update(content, 'utf8').digest('hex');
}

/** The refusal of a text that is larger than `MAX_TABLE_BYTES`, else undefined. */
export function tooLarge(content: string): Outcome<never> | undefined {
  const bytes = Buffer.byteLength(content, 'utf8');
  if (bytes <= MAX_TABLE_BYTES) return undefined;
  return refuse(
    'too_large',
    `The table has ${bytes} bytes; at most ${MAX_TABLE_BYTES} (10 MiB) are taken. Send a shorter time span.`,
    `at most ${MAX_TABLE_BYTES} bytes`,
    `${bytes} bytes`,
  );
}

/** Shares of the whole work, in per cent, at which its parts end: splitting the text, and making numbers of the cells. */
const SPLIT_PERCENT = 50;

/**
 * Reads a table of AI usage from text. Every row of the file that is not blank ends in the table or in `rejected`; none vanishes.
 * @param tell hears how much has been read, when that takes a while
 */
export function buildTable(source: TableSource, tell: Tell = silent): Outcome<UsageTable> {
  const large = tooLarge(source.content);
  if (large !== undefined) return large;
  const percentOf = (share: number, from: number, to: number): number => Math.round(from + share * (to - from));
  const read = readRecords(source.content, source.format, (share) => {
    tell({ percent: percentOf(share, 0, SPLIT_PERCENT), detail: 'reading the lines of the table' });
  });
  if (!read.ok) return read;
  const records = read.value;
  const decimal = decimalSignOf(records);
  const columns = recogniseColumns(records, decimal);
  const missing = missingTokenColumns(records, columns);
  if (missing !== undefined) return missing;
  const table = collectRows(records, columns, decimal, (share) => {
    const detail = `reading the cells of ${records.rows.length} rows`;
    tell({ percent: percentOf(share, SPLIT_PERCENT, 100), detail });
  });
  if (table.input.length === 0) {
    const first = table.rejected[0];
    return refuse(
      'no_usable_rows',
      `None of the ${table.rejected.length} rows can be used: ${first?.reason ?? 'unknown'} (${table.numbering} ${first?.row ?? 0}).`,
      'rows with whole token counts',
      first?.found ?? 'nothing',
    );
  }
  return accept({
    ...table,
    ref: hashOf(source.content),
    bytes: Buffer.byteLength(source.content, 'utf8'),
    ...(source.name === undefined ? {} : { name: source.name }),
  });
}

/** Names of columns in a refusal. */
const NAMES_SHOWN = 40;

function missingTokenColumns(records: Records, columns: RecognisedColumn[]): Outcome<never> | undefined {
  const absent = (['input', 'output'] as const).filter((role) => !columns.some((column) => column.role === role));
  if (absent.length === 0) return undefined;
  const named = records.header.slice(0, NAMES_SHOWN).map((name) => quote(name));
  const found = [...named, ...(records.header.length > NAMES_SHOWN ? ['…'] : [])].join(', ');
  const misled = columns
    .filter((column) => column.role === undefined && column.because.startsWith('its name suggests'))
    .map((column) => ` Column ${quote(column.name)}: ${column.because}.`);
  // A header that consists of numbers and times is a first row of data: the names are what is missing.
  const headless = records.header.every((name) => 'value' in parseTokens(name) || 'value' in parseTime(name));
  const advice = headless
    ? 'The first line looks like data: put a line with the column names above it.'
    : `Name the column of ${absent.map((role) => `${role} tokens`).join(' and the column of ')}.`;
  return refuse(
    'missing_columns',
    `The table has no recognisable ${absent.map((role) => `${role} token`).join(' and ')} column. ${advice}${misled.join('')}`,
    'columns such as "timestamp", "input tokens" (or context, prompt) and "output tokens" (or generated, completion)',
    found,
  );
}
