import { COLUMNS_SHOWN, PROBLEMS_SHOWN, type DescribeData } from '../results/describe-data.ts';
import type { Missing, Prices } from '../results/figures.ts';
import { isUncached, wordsOf } from '../table/column-words.ts';
import { LONGEST_NAME } from '../table/long-names.ts';
import { quote } from '../table/refusal.ts';
import { rowsRead, type UsageTable } from '../table/usage-table.ts';
import { costsOf, missingMoney, totalsOf } from './money-of.ts';
import { QUANTILE_METHOD, quantilesOf } from './quantiles.ts';
import { missingSingles } from './summed-rows.ts';
import { isoTime, timeOrder } from './time-order.ts';

export function describeTable(table: UsageTable, prices?: Prices): DescribeData {
  const costs = costsOf(table, prices);
  const ordered = timeOrder(table);
  const first = ordered[0];
  const last = ordered.at(-1);
  return {
    table: {
      ref: table.ref,
      ...(table.name === undefined ? {} : { name: table.name }),
      bytes: table.bytes,
      format: table.format,
      ...(table.separator === undefined ? {} : { separator: table.separator }),
      decimalSign: table.decimal,
      rowNumbers: table.numbering,
    },
    columnsTotal: table.columns.length,
    columns: shownColumns(table).map(({ name, role, because }) => ({
      name,
      ...(role === undefined ? {} : { role }),
      because,
    })),
    rows: {
      read: rowsRead(table),
      used: table.input.length,
      rejected: table.rejected.length,
      ...(table.summedBy === undefined ? {} : { summedBy: table.summedBy }),
      incompleteCells: table.incomplete.length,
    },
    rejectedRows: table.rejected.slice(0, PROBLEMS_SHOWN),
    incompleteCells: table.incomplete.slice(0, PROBLEMS_SHOWN),
    ...(first === undefined || last === undefined
      ? {}
      : {
          timeSpan: {
            from: isoTime(first.at),
            to: isoTime(last.at),
            durationMs: last.at - first.at,
            formats: table.timeFormats,
            assumedUtc: table.assumedUtc,
          },
        }),
    totals: totalsOf(table, costs),
    ...(costs === undefined ? {} : { money: costs.money }),
    inputTokens: quantilesOf(table.input),
    outputTokens: quantilesOf(table.output),
    method: `sums and counts over every usable row; ${QUANTILE_METHOD}`,
    because: 'every row of the file is read, so sums and quantiles are exact and nothing is sampled',
    missing: [...missingColumns(table), ...missingMoney(table, costs)],
  };
}

/** Columns that are told to be unfit. */
const MISFITS_TOLD = 10;

/** Those that mean something, and as many of the others as fit. */
function shownColumns({ columns }: UsageTable): UsageTable['columns'] {
  let others = COLUMNS_SHOWN - columns.filter(({ role }) => role !== undefined).length;
  return columns.filter(({ role }) => role !== undefined || (others -= 1) >= 0);
}

function missingColumns(table: UsageTable): Missing {
  const wanted: [boolean, string, string][] = [
    [table.time === undefined, 'a time column', 'without it there are no trends, peaks, windows or rates'],
    [table.model === undefined, 'a model column', 'without it models cannot be compared'],
    [table.tags.length === 0, 'a column such as user, feature or team', 'without it use cannot be attributed'],
  ];
  const absent = wanted.filter(([is]) => is).map(([, what, why]) => ({ what, why }));
  return [...missingSingles(table), ...absent, ...misfits(table), ...oddities(table)];
}

/** Columns whose names suggest a role that no column has, with the reason why they do not have it. */
function misfits({ columns }: UsageTable): Missing {
  const filled = new Set(columns.map(({ role }) => role));
  return columns
    .filter(({ misfit, role }) => misfit !== undefined && role === undefined && !filled.has(misfit))
    .slice(0, MISFITS_TOLD)
    .map(({ name, because }) => ({ what: `a usable column ${quote(name)}`, why: because }));
}

function oddities({ columns, namesCut }: UsageTable): Missing {
  const input = columns.find(({ role }) => role === 'input')?.name ?? '';
  return [
    ...(isUncached(wordsOf(input))
      ? [
          {
            what: 'a column of all input tokens',
            why: `${quote(input)} holds those that did not come from a cache, so the others are in no sum of input tokens here`,
          },
        ]
      : []),
    ...(namesCut
      ? [
          {
            what: `names of at most ${LONGEST_NAME} characters`,
            why: 'longer ones were cut, so that some may be one now',
          },
        ]
      : []),
  ];
}
