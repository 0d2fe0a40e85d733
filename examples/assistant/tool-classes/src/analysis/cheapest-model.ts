import type { Opportunity, Prices } from '../results/figures.ts';
import { quote } from '../table/refusal.ts';
import type { UsageTable } from '../table/usage-table.ts';
import type { Costs } from './money-of.ts';
import type { RightSizingOptions } from './right-sizing-options.ts';
import { rowNumbers } from './rows.ts';
import { share, sum, tidy } from './sum.ts';

/** What small requests would cost with the cheapest model of the user's own price table. Nothing without such a table: no price is assumed. */
export function cheapestModel(
  table: UsageTable,
  sizes: Float64Array,
  { smallTokens }: RightSizingOptions,
  prices: Prices | undefined,
  costs: Costs | undefined,
): Opportunity[] {
  const models = prices?.models ?? [];
  const small = Array.from(sizes.keys()).filter((index) => (sizes[index] ?? 0) <= smallTokens);
  if (costs === undefined || models.length === 0 || small.length === 0) return [];
  const tokens = (column: Float64Array): number => sum(small.map((index) => column[index] ?? 0));
  const [input, output] = [tokens(table.input), tokens(table.output)];
  const priced = models.map((price) => ({
    model: price.model,
    cost: (input * price.inputPerMillion + output * price.outputPerMillion) / 1e6,
  }));
  const cheapest = priced.reduce((best, one) => (one.cost < best.cost ? one : best));
  const now = sum(small.map(costs.ofRow));
  if (cheapest.cost >= now) return [];
  const mostExpensiveFirst = small.toSorted((a, b) => costs.ofRow(b) - costs.ofRow(a) || a - b);
  return [
    {
      id: 'cheapest-model',
      title: 'Try the cheapest model of your price table for small requests',
      numbers: {
        smallTokens,
        requests: small.length,
        cost: tidy(now),
        costAtCheapest: tidy(cheapest.cost),
        savedAtMost: tidy(now - cheapest.cost),
        shareOfCostSavedAtMost: share(now - cheapest.cost, sum(Array.from(sizes.keys(), costs.ofRow))),
      },
      rows: rowNumbers(table, mostExpensiveFirst),
      rowsTotal: small.length,
      method:
        `the same tokens at the prices of ${quote(cheapest.model)}, for these requests the cheapest of the ${models.length} models in the prices given; ` +
        'another model may count and write other numbers of tokens, and must be tried for quality',
      because: 'prices come only from the user, and these are all that were given',
      certainty: 'upper bound',
    },
  ];
}
