import { dayOrderOf } from './calendar-forms.ts';
import { parseDuration, parseMoney, parseTokens, type Parsed } from './cell-values.ts';
import { moneyUnitOf, rolesOfName, unitMsOf, type Role } from './column-words.ts';
import { currenciesOf } from './currencies.ts';
import { cutName } from './long-names.ts';
import type { DecimalSign } from './number-style.ts';
import type { RecognisedColumn } from './recognise-columns.ts';
import type { Cell, RawRow, Records } from './records.ts';
import { quote } from './refusal.ts';
import { parseTime } from './time-values.ts';
import { isTotalsRow } from './totals-row.ts';
import type { RowProblem, UsageTable } from './usage-table.ts';

/** Rows between two words on how far it is. */
const ROWS_BETWEEN = 4096;

type Collected = Omit<UsageTable, 'ref' | 'bytes' | 'name'>;
type Parse = (cell: Cell, row: RawRow) => Parsed;

/** Makes columns of numbers and words out of cells. A row without usable tokens is rejected, any other keeps what it has. */
export function collectRows(
  records: Records,
  columns: RecognisedColumn[],
  decimal: DecimalSign,
  onRows: (share: number) => void,
): Collected {
  const only = (role: Role): RecognisedColumn | undefined => columns.find((column) => column.role === role);
  const rejected: RowProblem[] = records.unreadable.map(({ number, reason, found }) => ({
    row: number,
    reason,
    found,
  }));
  const incomplete: RowProblem[] = [];
  const columnsToFill = [only('time'), only('cost'), only('duration'), only('cachedInput')].filter((one) => one);
  const parts = 1 + columnsToFill.length;
  let part = 0;
  const tick = (row: number): void => {
    if (row % ROWS_BETWEEN === 0) onRows((part + row / records.rows.length) / parts);
  };
  const { kept, input, output } = usableRows(records, need(only('input')), need(only('output')), {
    decimal,
    rejected,
    tick,
  });
  const fill = (column: RecognisedColumn | undefined, parse: Parse): Float64Array | undefined => {
    if (column === undefined) return undefined;
    part += 1;
    return Float64Array.from(kept, (row, index) => {
      tick(index);
      const parsed = parse(row.cells[column.index] ?? '', row);
      if ('value' in parsed) return parsed.value;
      incomplete.push(problemIn(row, column, parsed.problem));
      return Number.NaN;
    });
  };
  const texts = (column: RecognisedColumn | undefined): string[] | undefined =>
    column && kept.map((row) => String(row.cells[column.index] ?? '').trim());
  let namesCut = records.header.some((name) => cutName(name) !== name);
  const names = (column: RecognisedColumn | undefined): string[] | undefined =>
    texts(column)?.map((text) => {
      const name = cutName(text);
      namesCut ||= name !== text;
      return name;
    });
  const times = timesOf(kept, only('time'), only('clock'));
  const perUnit = moneyUnitOf(only('cost')?.name ?? '');
  const amounts = fill(only('cost'), (cell) => parseMoney(cell, decimal, perUnit));
  const found = {
    time: fill(only('time'), times.parse),
    ...moneyOf(kept, only('cost'), only('currency'), amounts),
    duration: fill(only('duration'), (cell) =>
      parseDuration(cell, unitMsOf(only('duration')?.name ?? '') ?? 1, decimal),
    ),
    cachedInput: fill(only('cachedInput'), (cell) => parseTokens(cell, decimal)),
    model: names(only('model')),
    promptHash: texts(only('promptHash')),
    prefixHash: texts(only('prefixHash')),
    ...summedRequests(only('requests'), kept, decimal),
    separator: records.separator,
  };
  return {
    format: records.format,
    numbering: records.numbering,
    columns,
    number: Int32Array.from(kept, (row) => row.number),
    input: Float64Array.from(input),
    output: Float64Array.from(output),
    decimal,
    ...present(found),
    timeFormats: [...times.formats],
    assumedUtc: times.assumedUtc(),
    tags: columns
      .filter((column) => column.role === 'tag')
      .map((column) => ({ name: column.name, values: names(column) ?? [] })),
    namesCut,
    rejected: rejected.sort((a, b) => a.row - b.row),
    incomplete: incomplete.sort((a, b) => a.row - b.row),
  };
}

function usableRows(
  records: Records,
  inputColumn: RecognisedColumn,
  outputColumn: RecognisedColumn,
  { decimal, rejected, tick }: { decimal: DecimalSign; rejected: RowProblem[]; tick: (row: number) => void },
): { kept: RawRow[]; input: number[]; output: number[] } {
  const kept: RawRow[] = [];
  const input: number[] = [];
  const output: number[] = [];
  for (const [index, row] of records.rows.entries()) {
    tick(index);
    const inTokens = parseTokens(row.cells[inputColumn.index] ?? '', decimal);
    const outTokens = parseTokens(row.cells[outputColumn.index] ?? '', decimal);
    if ('problem' in inTokens) rejected.push(problemIn(row, inputColumn, inTokens.problem));
    else if ('problem' in outTokens) rejected.push(problemIn(row, outputColumn, outTokens.problem));
    else {
      kept.push(row);
      input.push(inTokens.value);
      output.push(outTokens.value);
    }
  }
  const last = kept.at(-1);
  if (last !== undefined && isTotalsRow(last, input, output)) {
    kept.pop();
    input.pop();
    output.pop();
    rejected.push({
      row: last.number,
      reason: 'the row is the sum of the rows above it',
      found: quote(last.cells.join(' ')),
    });
  }
  return { kept, input, output };
}

/** How to read the times of a column, together with a column of times of day; what was found on the way is told afterwards. */
function timesOf(
  rows: readonly RawRow[],
  time: RecognisedColumn | undefined,
  clock: RecognisedColumn | undefined,
): { parse: Parse; formats: Set<string>; assumedUtc: () => boolean } {
  const formats = new Set<string>();
  let assumedUtc = false;
  const order = time && dayOrderOf(rows.values().map((row) => String(row.cells[time.index] ?? '').trim()));
  const named = time !== undefined && rolesOfName(time.name).has('time');
  const parse: Parse = (cell, row) => {
    const ofDay = clock === undefined ? '' : String(row.cells[clock.index] ?? '').trim();
    const parsed = parseTime(ofDay === '' ? cell : `${String(cell).trim()} ${ofDay}`, order, named);
    if (parsed.format !== undefined) formats.add(parsed.format);
    assumedUtc ||= parsed.zoned === false;
    return parsed;
  };
  return { parse, formats, assumedUtc: () => assumedUtc };
}

function problemIn(row: RawRow, column: RecognisedColumn, problem: string): RowProblem {
  const found = quote(String(row.cells[column.index] ?? ''));
  return { row: row.number, column: column.name, reason: `${column.name} is ${problem}`, found };
}

/** Amounts in several currencies have no sum, so they are no cost. */
function moneyOf(
  rows: readonly RawRow[],
  column: RecognisedColumn | undefined,
  beside: RecognisedColumn | undefined,
  amounts: Float64Array | undefined,
): Pick<UsageTable, 'cost' | 'currency' | 'currencies'> {
  if (column === undefined || amounts === undefined) return {};
  const currencies = currenciesOf(rows, amounts, column, beside);
  if (currencies.length > 1) return { currencies };
  return { cost: amounts, ...(currencies[0] === undefined ? {} : { currency: currencies[0] }) };
}

/** A row that does not say how many requests it is counts as one. */
function summedRequests(
  column: RecognisedColumn | undefined,
  rows: RawRow[],
  decimal: DecimalSign,
): Pick<UsageTable, 'summedBy' | 'requests'> {
  if (column === undefined) return {};
  const requests = Float64Array.from(rows, (row) => {
    const parsed = parseTokens(row.cells[column.index] ?? '', decimal);
    return 'value' in parsed ? parsed.value : 1;
  });
  return requests.some((count) => count > 1) ? { summedBy: column.name, requests } : {};
}

/** Without what is undefined: absent columns are absent keys. */
function present<T extends Record<string, unknown>>(of: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the token columns were checked before the rows are collected');
  return value;
}
