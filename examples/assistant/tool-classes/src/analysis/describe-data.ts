import { PROBLEMS_SHOWN, type DescribeData } from '../results/describe-data.ts';
import type { Missing, Prices } from '../results/figures.ts';
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
    columns: table.columns.map(({ name, role, because }) => ({
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

function missingColumns(table: UsageTable): Missing {
  const wanted: [boolean, string, string][] = [
    [table.time === undefined, 'a time column', 'without it there are no trends, peaks, windows or rates'],
    [table.model === undefined, 'a model column', 'without it models cannot be compared'],
    [table.tags.length === 0, 'a column such as user, feature or team', 'without it use cannot be attributed'],
  ];
  const absent = wanted.filter(([is]) => is).map(([, what, why]) => ({ what, why }));
  return [...missingSingles(table), ...absent];
}
