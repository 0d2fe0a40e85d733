import { CLOCK_ALONE, dayOrderOf, type DayOrder } from './calendar-forms.ts';
import { parseDuration, parseMoney, parseTokens } from './cell-values.ts';
import { rolesOfName, type Role } from './column-words.ts';
import { cutName } from './long-names.ts';
import { COMMA_EITHER, type DecimalSign } from './number-style.ts';
import type { Cell, Records } from './records.ts';
import { quote } from './refusal.ts';
import { parseTime } from './time-values.ts';

/** Cells looked at per column. Spread over the whole table, so that a strange beginning does not decide. */
const SAMPLE_CELLS = 200;
/** Share of the filled sample cells that must have the form of the role; the rest is reported row by row later. */
const MUST_FIT = 0.8;
/** Tags are for grouping: a column with a value of its own in most rows is an identifier. */
const MOST_TAG_VALUES = 0.5;
const FEW_TAG_VALUES = 20;
/** Tags that one table has: each is a breakdown of its own in a result. */
const MOST_TAGS = 20;

/** Roles that one column has, by its name and content; in this order, since a column has one role. */
const NAMED = [
  'time',
  'input',
  'output',
  'cachedInput',
  'cost',
  'currency',
  'duration',
  'model',
  'promptHash',
  'prefixHash',
  'requests',
] as const satisfies readonly Role[];

export interface RecognisedColumn {
  name: string;
  index: number;
  role?: Role;
  /** The role that its name suggests, where its content does not suit it. */
  misfit?: Role;
  /** Why it has this role, or why a name that suggested one was not enough. */
  because: string;
}

/** Gives each role to the best column by name and content; tags to every column that fits. Other columns stay without a role. */
export function recogniseColumns(records: Records, decimal: DecimalSign = '.'): RecognisedColumn[] {
  const samples = records.header.map((_, index) => sampleOf(records, index));
  const twins = twinsOf(records);
  const columns: RecognisedColumn[] = records.header.map((name, index) => ({
    name: cutName(name),
    index,
    because: 'nothing known by this name',
  }));
  for (const role of NAMED) {
    let best: { column: RecognisedColumn; score: number } | undefined;
    for (const column of columns) {
      if (column.role !== undefined) continue;
      const score = rolesOfName(column.name).get(role);
      if (score === undefined) continue;
      const misfit = twins.has(column.index) ? TWIN : misfitOf(role, sampleAt(samples, column), decimal, true);
      if (misfit !== undefined) {
        column.misfit = role;
        column.because = `its name suggests ${role}, but ${misfit}`;
      }
      if (misfit !== undefined) continue;
      if (best === undefined || score > best.score) best = { column, score };
      else column.because = `its name suggests ${role}, but column "${best.column.name}" fits as well or better`;
    }
    if (best !== undefined) assign(best.column, role, 'name and content');
  }
  let tags = 0;
  for (const column of columns) {
    if (
      tags < MOST_TAGS &&
      column.role === undefined &&
      rolesOfName(column.name).has('tag') &&
      !twins.has(column.index) &&
      misfitOf('tag', sampleAt(samples, column), decimal) === undefined
    ) {
      assign(column, 'tag', 'name and content');
      tags += 1;
    }
  }
  recogniseTimeByContent(columns, samples);
  recogniseClock(columns, samples);
  return columns;
}

function assign(column: RecognisedColumn, role: Role, because: string): void {
  column.role = role;
  column.because = because;
}

/** A column of times is unmistakable whatever its name; two columns of whole numbers are not, so tokens always need a name. */
function recogniseTimeByContent(columns: RecognisedColumn[], samples: Sample[]): void {
  if (columns.some((column) => column.role === 'time')) return;
  const likely = columns.filter(
    (column) => column.role === undefined && misfitOf('time', sampleAt(samples, column), '.') === undefined,
  );
  if (likely.length === 1 && likely[0] !== undefined)
    assign(likely[0], 'time', 'content: every sampled cell is a time');
}

/** Dates in one column and times of day in another are one time; without this all requests of a day would be at midnight. */
function recogniseClock(columns: RecognisedColumn[], samples: Sample[]): void {
  const time = columns.find((column) => column.role === 'time');
  if (time === undefined) return;
  // Times that are whole already, and days and seconds that are counted.
  if (sampleAt(samples, time).cells.some((cell) => /:|^\d{9,}|^\d{5}(?:[.,]\d+)?$/.test(String(cell).trim()))) return;
  const clocks = columns.filter(
    (column) => column.role === undefined && misfitOf('clock', sampleAt(samples, column), '.') === undefined,
  );
  if (clocks.length === 1 && clocks[0] !== undefined) {
    assign(clocks[0], 'clock', `content: times of day, joined to the dates of "${time.name}"`);
  }
}

interface Sample {
  cells: Cell[];
  /** Whether day or month stands first, by all cells of the column. */
  order(): DayOrder | undefined;
}

function sampleAt(samples: readonly Sample[], { index }: RecognisedColumn): Sample {
  return samples[index] ?? { cells: [], order: () => undefined };
}

const TWIN = 'two columns have this name, with different values';

/** Columns that share their name with another one and say something else: which of them is meant nobody can tell. */
function twinsOf({ header, rows }: Records): Set<number> {
  const named = Map.groupBy(header.keys(), (index) => header[index]?.trim().toLowerCase() ?? '');
  const differ = (one: number, other: number): boolean => rows.some(({ cells }) => cells[one] !== cells[other]);
  return new Set(
    [...named.values()].flatMap(([first = 0, ...others]) =>
      others.some((other) => differ(first, other)) ? [first, ...others] : [],
    ),
  );
}

function sampleOf(records: Records, column: number): Sample {
  const step = Math.max(1, Math.floor(records.rows.length / SAMPLE_CELLS));
  const cells: Cell[] = [];
  for (let row = 0; row < records.rows.length && cells.length < SAMPLE_CELLS; row += step) {
    const cell = records.rows[row]?.cells[column] ?? '';
    if (String(cell).trim() !== '') cells.push(cell);
  }
  const whole = (): Iterable<string> => records.rows.values().map((row) => String(row.cells[column] ?? '').trim());
  return { cells, order: () => dayOrderOf(whole()) };
}

function misfitOf(role: Role, sample: Sample, decimal: DecimalSign, named = false): string | undefined {
  const { cells } = sample;
  if (cells.length === 0) return 'its cells are empty';
  switch (role) {
    case 'time': {
      const order = sample.order();
      const parsed = cells.map((cell) => parseTime(cell, order, named));
      if (parsed.filter((one) => 'value' in one).length >= cells.length * MUST_FIT) return undefined;
      const problems = parsed.flatMap((one) => ('problem' in one ? [one.problem] : []));
      if (problems.some((problem) => problem.includes('day and month')))
        return 'its dates could have the day or the month first';
      const zone = problems.find((problem) => problem.includes('zone'));
      return zone === undefined ? 'its cells are not times' : `it has ${zone}`;
    }
    case 'clock':
      return unlessMost(cells, (cell) => CLOCK_ALONE.test(String(cell).trim()), 'its cells are not times of day');
    case 'input':
    case 'output':
    case 'cachedInput':
    case 'requests':
      return unlessMost(cells, (cell) => 'value' in parseTokens(cell, decimal), notWhole(cells, decimal));
    case 'cost':
      return unlessMost(cells, (cell) => 'value' in parseMoney(cell, decimal), 'its cells are not amounts');
    case 'currency':
      return unlessMost(
        cells,
        (cell) => /^(?:[a-z]{3}|[$€£¥])$/i.test(String(cell).trim()),
        'its cells are not currencies',
      );
    case 'duration':
      return unlessMost(cells, (cell) => 'value' in parseDuration(cell, 1, decimal), 'its cells are not durations');
    case 'model':
      return unlessMost(cells, (cell) => !('value' in parseDuration(cell, 1)), 'its cells are numbers');
    case 'promptHash':
    case 'prefixHash':
      return undefined;
    case 'tag': {
      const distinct = new Set(cells.map(String)).size;
      const groups = distinct <= FEW_TAG_VALUES || distinct <= cells.length * MOST_TAG_VALUES;
      return groups ? undefined : 'almost every row has a value of its own';
    }
  }
}

function notWhole(cells: readonly Cell[], decimal: DecimalSign): string {
  const either = cells.find((cell) => decimal === ',' && typeof cell === 'string' && COMMA_EITHER.test(cell.trim()));
  return either === undefined
    ? 'its cells are not whole numbers'
    : `numbers such as ${quote(String(either))} could be thousands or fractions, since other cells of the file have a decimal comma`;
}

function unlessMost(cells: Cell[], fits: (cell: Cell) => boolean, misfit: string): string | undefined {
  return cells.filter(fits).length >= cells.length * MUST_FIT ? undefined : misfit;
}
