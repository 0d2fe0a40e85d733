import type { Missing, Money, Prices, Totals } from '../results/figures.ts';
import type { UsageTable } from '../table/usage-table.ts';
import { requestsIn } from './rows.ts';
import { sum, tidy } from './sum.ts';

/** The cost of each row, and where it comes from. Absent, together with every figure of money, when neither file nor user says it. */
export interface Costs {
  money: Money;
  ofRow: (index: number) => number;
  /** Present when the money is by prices given: what the input of a row costs, and the highest price of an input token. */
  input?: { ofRow: (index: number) => number; highestPerToken: number };
}

type Price = Pick<Prices, 'inputPerMillion' | 'outputPerMillion'>;

/** The bill in the file is what was paid, so a cost column goes before prices. A row whose cost cell is unusable counts as nothing. */
export function costsOf(table: UsageTable, prices?: Prices): Costs | undefined {
  const { cost, input, output } = table;
  if (cost !== undefined) {
    return {
      money: {
        source: 'cost column',
        ...(table.currency === undefined ? {} : { currency: table.currency }),
        rowsWithCost: cost.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0),
      },
      ofRow: (index) => cost[index] || 0,
    };
  }
  if (prices === undefined) return undefined;
  const priceOf = pricesByRow(table, prices);
  const ofInput = (index: number): number => ((input[index] ?? 0) * priceOf(index).inputPerMillion) / 1e6;
  const used = new Set(Array.from(input.keys(), priceOf));
  return {
    money: {
      source: 'prices given',
      ...(prices.currency === undefined ? {} : { currency: prices.currency }),
      rowsWithCost: input.length,
    },
    ofRow: (index) => ofInput(index) + ((output[index] ?? 0) * priceOf(index).outputPerMillion) / 1e6,
    input: { ofRow: ofInput, highestPerToken: Math.max(...[...used].map((price) => price.inputPerMillion)) / 1e6 },
  };
}

/** The price of a row's model where the user's table has it, else the user's price for all others. */
function pricesByRow({ model }: UsageTable, prices: Prices): (index: number) => Price {
  const byModel = new Map(prices.models?.map((price) => [price.model.trim(), price]));
  if (model === undefined || byModel.size === 0) return () => prices;
  return (index) => byModel.get(model[index] ?? '') ?? prices;
}

export function missingMoney({ currencies }: UsageTable, costs: Costs | undefined): Missing {
  return [
    ...(currencies === undefined
      ? []
      : [
          {
            what: 'a cost column in one currency',
            why: `its amounts are in ${currencies.join(' and ')}, which have no sum, so they are not used`,
          },
        ]),
    ...(costs !== undefined
      ? []
      : [
          {
            what: 'a cost column, or prices {inputPerMillion, outputPerMillion}',
            why: 'without one of them nothing can be said about money',
          },
        ]),
  ];
}

/** Sums over all rows, or over the rows given by their indexes. */
export function totalsOf(table: UsageTable, costs: Costs | undefined, indexes?: readonly number[]): Totals {
  const chosen = indexes ?? Array.from(table.input.keys());
  const at = (column: Float64Array): number => sum(chosen.map((index) => column[index] ?? 0));
  return {
    requests: requestsIn(table, chosen),
    inputTokens: at(table.input),
    outputTokens: at(table.output),
    ...(costs === undefined ? {} : { cost: tidy(sum(chosen.map(costs.ofRow))) }),
  };
}
