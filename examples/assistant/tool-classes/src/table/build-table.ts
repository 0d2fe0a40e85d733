import { createHash } from 'node:crypto';
import { currencyIn, parseMoney, parseTokens, type Parsed } from './cell-values.ts';
import type { Role } from './column-words.ts';
import { readRecords, type TableFormat } from './read-records.ts';
import { recogniseColumns, type RecognisedColumn } from './recognise-columns.ts';
import type { Cell, RawRow, Records } from './records.ts';
import { accept, quote, refuse, type Outcome } from './refusal.ts';
import { parseTime } from './time-values.ts';
import type { RowProblem, UsageTable } from './usage-table.ts';

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

/** Reads a table of AI usage from text. Every row of the file ends in the table or in `rejected`; none vanishes. */
export function buildTable(source: TableSource): Outcome<UsageTable> {
  const bytes = Buffer.byteLength(source.content, 'utf8');
  if (bytes > MAX_TABLE_BYTES) {
    return refuse(
      'too_large',
      `The table has ${bytes} bytes; at most ${MAX_TABLE_BYTES} (10 MiB) are taken. Send a shorter time span.`,
      `at most ${MAX_TABLE_BYTES} bytes`,
      `${bytes} bytes`,
    );
  }
  const read = readRecords(source.content, source.format);
  if (!read.ok) return read;
  const records = read.value;
  const columns = recogniseColumns(records);
  const missing = missingTokenColumns(records, columns);
  if (missing !== undefined) return missing;
  const table = collect(records, columns);
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
    bytes,
    ...(source.name === undefined ? {} : { name: source.name }),
  });
}

function missingTokenColumns(records: Records, columns: RecognisedColumn[]): Outcome<never> | undefined {
  const absent = (['input', 'output'] as const).filter((role) => !columns.some((column) => column.role === role));
  if (absent.length === 0) return undefined;
  const found = records.header.map((name) => quote(name)).join(', ');
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

type Collected = Omit<UsageTable, 'ref' | 'bytes' | 'name'>;

function collect(records: Records, columns: RecognisedColumn[]): Collected {
  const only = (role: Role): RecognisedColumn | undefined => columns.find((column) => column.role === role);
  const inputColumn = need(only('input'));
  const outputColumn = need(only('output'));
  const timeColumn = only('time');
  const costColumn = only('cost');
  const cachedColumn = only('cachedInput');
  const rejected: RowProblem[] = records.unreadable.map(({ number, reason, found }) => ({
    row: number,
    reason,
    found,
  }));
  const incomplete: RowProblem[] = [];
  const kept: RawRow[] = [];
  const input: number[] = [];
  const output: number[] = [];
  for (const row of records.rows) {
    const inTokens = parseTokens(row.cells[inputColumn.index] ?? '');
    const outTokens = parseTokens(row.cells[outputColumn.index] ?? '');
    if ('problem' in inTokens) rejected.push(problemIn(row, inputColumn, inTokens.problem));
    else if ('problem' in outTokens) rejected.push(problemIn(row, outputColumn, outTokens.problem));
    else {
      kept.push(row);
      input.push(inTokens.value);
      output.push(outTokens.value);
    }
  }
  const fill = (column: RecognisedColumn, parse: (cell: Cell) => Parsed): Float64Array =>
    Float64Array.from(kept, (row) => {
      const parsed = parse(row.cells[column.index] ?? '');
      if ('value' in parsed) return parsed.value;
      incomplete.push(problemIn(row, column, parsed.problem));
      return Number.NaN;
    });
  const timeFormats = new Set<string>();
  let assumedUtc = false;
  const noteTime = (cell: Cell): Parsed => {
    const parsed = parseTime(cell);
    if (parsed.format !== undefined) timeFormats.add(parsed.format);
    assumedUtc ||= parsed.zoned === false;
    return parsed;
  };
  const time = timeColumn && fill(timeColumn, noteTime);
  const cost = costColumn && fill(costColumn, parseMoney);
  const cachedInput = cachedColumn && fill(cachedColumn, parseTokens);
  const currency = costColumn && currencyOf(costColumn, kept);
  const modelColumn = only('model');
  const model = modelColumn && textsOf(modelColumn, kept);
  return {
    format: records.format,
    ...(records.separator === undefined ? {} : { separator: records.separator }),
    numbering: records.numbering,
    columns,
    number: Int32Array.from(kept, (row) => row.number),
    input: Float64Array.from(input),
    output: Float64Array.from(output),
    ...(time ? { time } : {}),
    timeFormats: [...timeFormats],
    assumedUtc,
    ...(cachedInput ? { cachedInput } : {}),
    ...(cost ? { cost } : {}),
    ...(currency ? { currency } : {}),
    ...(model ? { model } : {}),
    tags: columns
      .filter((column) => column.role === 'tag')
      .map((column) => ({ name: column.name, values: textsOf(column, kept) })),
    rejected: rejected.sort((a, b) => a.row - b.row),
    incomplete: incomplete.sort((a, b) => a.row - b.row),
  };
}

function problemIn(row: RawRow, column: RecognisedColumn, problem: string): RowProblem {
  const found = quote(String(row.cells[column.index] ?? ''));
  return { row: row.number, column: column.name, reason: `${column.name} is ${problem}`, found };
}

function textsOf(column: RecognisedColumn, rows: RawRow[]): string[] {
  return rows.map((row) => String(row.cells[column.index] ?? '').trim());
}

function currencyOf(column: RecognisedColumn, rows: RawRow[]): string | undefined {
  return currencyIn(column.name) ?? currencyIn(String(rows[0]?.cells[column.index] ?? ''));
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the token columns were checked before the rows are collected');
  return value;
}
