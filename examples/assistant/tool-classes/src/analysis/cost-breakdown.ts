import type { CostBreakdown, Group } from '../results/cost-breakdown.ts';
import type { Missing, Prices, Totals } from '../results/figures.ts';
import type { UsageTable } from '../table/usage-table.ts';
import { groupByText, groupOf } from './group-rows.ts';
import { largestRows } from './largest-rows.ts';
import { costsOf, missingMoney, totalsOf, type Costs } from './money-of.ts';
import { rowNumbers, tokensAt } from './rows.ts';
import { share, sum, tidy } from './sum.ts';
import { missingSingles } from './summed-rows.ts';
import { bucketsOf } from './time-buckets.ts';
import { isoTime } from './time-order.ts';

const SIZE_LIMITS = [128, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072] as const;
const TOP_SHARES = [0.01, 0.1] as const;
const TIME_BUCKETS = 24;

/** Where the tokens, and the money if anybody states it, go. */
export function breakDownCost(table: UsageTable, prices?: Prices, topRows?: number): CostBreakdown {
  const costs = costsOf(table, prices);
  const all = totalsOf(table, costs);
  const tokens = all.inputTokens + all.outputTokens;
  const time = bucketsOf(table, TIME_BUCKETS);
  return {
    totals: all,
    ...(costs === undefined ? {} : { money: costs.money }),
    mix: {
      inputShareOfTokens: share(all.inputTokens, tokens),
      outputShareOfTokens: share(all.outputTokens, tokens),
      ...(all.outputTokens === 0 ? {} : { inputPerOutputToken: tidy(all.inputTokens / all.outputTokens) }),
      ...(costs?.input === undefined || all.cost === undefined
        ? {}
        : { inputShareOfCost: share(sum(Array.from(table.input.keys(), costs.input.ofRow)), all.cost) }),
    },
    ...(table.model === undefined ? {} : { byModel: groupByText(table, costs, all, table.model) }),
    byTag: table.tags.map(({ name, values }) => ({ column: name, groups: groupByText(table, costs, all, values) })),
    bySize: table.summedBy === undefined ? groupBySize(table, costs, all) : [],
    ...(time === undefined
      ? {}
      : {
          byTime: {
            bucketMs: time.widthMs,
            buckets: time.buckets.map(({ from, indexes }) => groupOf(table, costs, all, isoTime(from), indexes)),
          },
        }),
    topRequests: table.summedBy === undefined ? TOP_SHARES.map((part) => topRequests(table, costs, all, part)) : [],
    ...(topRows === undefined ? {} : { largestRows: largestRows(table, costs, topRows) }),
    method: 'exact sums over the rows of each group; shares are of the totals; size groups are by input tokens',
    because: becauseOf(table, costs, prices !== undefined),
    missing: [...missingSingles(table), ...missingGroups(table), ...missingMoney(table, costs)],
  };
}

/** Where the money comes from is the one choice there is. */
function becauseOf({ currencies }: UsageTable, costs: Costs | undefined, pricesGiven: boolean): string {
  const exact = 'every row is read, so nothing has to be estimated';
  if (costs === undefined) return `${exact}; nobody states a price, so there is no money`;
  if (costs.money.source === 'prices given')
    return `${exact}; money is tokens times the prices given, since the file has no cost column${currencies === undefined ? '' : ' in one currency'}`;
  const unused = pricesGiven ? ' and the prices given are not used' : '';
  return `${exact}; money is that of the cost column, since it is what was billed${unused}`;
}

function groupBySize(table: UsageTable, costs: Costs | undefined, all: Totals): Group[] {
  const members = new Map<number, number[]>();
  for (const [index, input] of table.input.entries()) {
    const limit = SIZE_LIMITS.findIndex((most) => input <= most);
    const slot = limit === -1 ? SIZE_LIMITS.length : limit;
    const group = members.get(slot);
    if (group === undefined) members.set(slot, [index]);
    else group.push(index);
  }
  return [...members]
    .sort(([a], [b]) => a - b)
    .map(([slot, indexes]) => groupOf(table, costs, all, sizeName(slot), indexes));
}

function sizeName(slot: number): string {
  const from = slot === 0 ? 0 : (SIZE_LIMITS[slot - 1] ?? 0) + 1;
  const to = SIZE_LIMITS[slot];
  return to === undefined ? `${from} and more` : `${from} to ${to}`;
}

/** The largest requests by cost when it is known, else by tokens; at least one request. */
function topRequests(
  table: UsageTable,
  costs: Costs | undefined,
  all: Totals,
  part: number,
): CostBreakdown['topRequests'][number] {
  const weight = costs?.ofRow ?? ((index: number): number => tokensAt(table, index));
  const indexes = Array.from(table.input.keys())
    .sort((a, b) => weight(b) - weight(a) || a - b)
    .slice(0, Math.max(1, Math.round(table.input.length * part)));
  const { shareOfTokens, shareOfCost } = groupOf(table, costs, all, '', indexes);
  return {
    share: part,
    by: costs === undefined ? 'tokens' : 'cost',
    requests: indexes.length,
    shareOfTokens,
    ...(shareOfCost === undefined ? {} : { shareOfCost }),
    rows: rowNumbers(table, indexes),
  };
}

function missingGroups(table: UsageTable): Missing {
  return [
    ...(table.model === undefined
      ? [{ what: 'a model column', why: 'without it there is no breakdown by model' }]
      : []),
    ...(table.tags.length === 0
      ? [
          {
            what: 'a column such as user, feature or team',
            why: 'without it there is no breakdown by who or what used the tokens',
          },
        ]
      : []),
    ...(table.time === undefined ? [{ what: 'a time column', why: 'without it there is no breakdown by time' }] : []),
  ];
}
