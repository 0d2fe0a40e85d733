import type { ToolResult } from '../../tools/tool-results.ts';
import { groupingsOf, type Grouping } from '../groupings.ts';
import { amount, count, percent } from '../../wording/figures.ts';
import { table } from '../../wording/markdown.ts';
import { quote } from '../../wording/quote.ts';

/** Groups shown in a text; the result has all. */
const GROUPS_SHOWN = 8;

type Breakdown = ToolResult<'cost_breakdown'>;

/** The breakdown as Markdown tables. */
export function groupTables(breakdown: Breakdown | undefined): string[] {
  if (breakdown === undefined) return [];
  return groupingsOf(breakdown).map((grouping) => groupTable(grouping, breakdown.money));
}

function groupTable({ id, head, groups }: Grouping, money: Breakdown['money']): string {
  const withCost = money === undefined ? [] : ['Cost'];
  const heads = [head, 'Requests', 'Input tokens', 'Output tokens', 'Share of tokens', ...withCost];
  const rows = groups
    .slice(0, GROUPS_SHOWN)
    .map(({ key, requests, inputTokens, outputTokens, shareOfTokens, cost }) => [
      // Names of sizes are ours, those of models and tags the user's.
      id === 'size' ? key : quote(key === '' ? '(none)' : key),
      count(requests),
      count(inputTokens),
      count(outputTokens),
      percent(shareOfTokens),
      ...(money === undefined ? [] : [cost === undefined ? '' : amount(cost, money)]),
    ]);
  return table(heads, rows);
}
