import { GROUPS_SHOWN, type Group } from '../results/cost-breakdown.ts';
import type { Totals } from '../results/figures.ts';
import type { UsageTable } from '../table/usage-table.ts';
import { totalsOf, type Costs } from './money-of.ts';
import { share } from './sum.ts';

/** Rows of one value per group, the heaviest first; what is beyond `GROUPS_SHOWN` is summed as "(others)", so that shares add to 1. */
export function groupByText(
  table: UsageTable,
  costs: Costs | undefined,
  all: Totals,
  values: readonly string[],
): Group[] {
  const groups = new Map<string, number[]>();
  for (const [index, value] of values.entries()) {
    const key = value === '' ? '(none)' : value;
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [index]);
    else members.push(index);
  }
  const weighed = [...groups].map(([key, indexes]) => ({ group: groupOf(table, costs, all, key, indexes), indexes }));
  weighed.sort((a, b) => weightOf(b.group) - weightOf(a.group) || (a.group.key < b.group.key ? -1 : 1));
  const shown = weighed.slice(0, GROUPS_SHOWN).map(({ group }) => group);
  const others = weighed.slice(GROUPS_SHOWN).flatMap(({ indexes }) => indexes);
  return others.length === 0 ? shown : [...shown, groupOf(table, costs, all, '(others)', others)];
}

export function groupOf(
  table: UsageTable,
  costs: Costs | undefined,
  all: Totals,
  key: string,
  indexes: readonly number[],
): Group {
  const totals = totalsOf(table, costs, indexes);
  return {
    key,
    ...totals,
    shareOfRequests: share(totals.requests, all.requests),
    shareOfTokens: share(totals.inputTokens + totals.outputTokens, all.inputTokens + all.outputTokens),
    ...(totals.cost === undefined || all.cost === undefined ? {} : { shareOfCost: share(totals.cost, all.cost) }),
  };
}

function weightOf(group: Group): number {
  return group.cost ?? group.inputTokens + group.outputTokens;
}
