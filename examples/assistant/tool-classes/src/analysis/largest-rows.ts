import type { CostBreakdown } from '../results/cost-breakdown.ts';
import type { UsageTable } from '../table/usage-table.ts';
import type { Costs } from './money-of.ts';
import { tokensAt } from './rows.ts';
import { tidy } from './sum.ts';
import { isoTime } from './time-order.ts';

/** The rows that cost most where costs are known, else those with the most tokens. */
export function largestRows(
  table: UsageTable,
  costs: Costs | undefined,
  most: number,
): NonNullable<CostBreakdown['largestRows']> {
  const weight = costs?.ofRow ?? ((index: number): number => tokensAt(table, index));
  const indexes = Array.from(table.input.keys())
    .sort((a, b) => weight(b) - weight(a) || a - b)
    .slice(0, most);
  const rows = indexes.map((index) => {
    const at = table.time?.[index] ?? Number.NaN;
    const model = table.model?.[index] ?? '';
    return {
      row: table.number[index] ?? 0,
      ...(Number.isNaN(at) ? {} : { at: isoTime(at) }),
      ...(model === '' ? {} : { model }),
      inputTokens: table.input[index] ?? 0,
      outputTokens: table.output[index] ?? 0,
      ...(costs === undefined ? {} : { cost: tidy(costs.ofRow(index)) }),
    };
  });
  return { by: costs === undefined ? 'tokens' : 'cost', rows };
}
