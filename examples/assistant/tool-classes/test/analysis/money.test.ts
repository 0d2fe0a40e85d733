import { describe, expect, it } from 'vitest';
import { breakDownCost } from '../../src/analysis/cost-breakdown.ts';
import { findCaching } from '../../src/analysis/caching.ts';
import { describeTable } from '../../src/analysis/describe-data.ts';
import { findRightSizing } from '../../src/analysis/right-sizing.ts';
import { csvOf, tableOf } from '../support/read-table.ts';

const plain = csvOf([
  [0, 2000, 100],
  [1, 2000, 50],
  [2, 500, 20],
]);
const prices = { inputPerMillion: 3, outputPerMillion: 15 };

/** Names of all members that could hold money, at any depth. */
function moneyIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(/cost|money|price|currency/i.test(name) ? [name] : []),
    ...moneyIn(inner),
  ]);
}

describe('money', () => {
  it('is nowhere in any result without a cost column or prices, and what is missing is named', () => {
    const table = tableOf(plain);
    const results = [
      describeTable(table),
      breakDownCost(table),
      findCaching(table, { windowMs: 1000, minPrefixTokens: 1 }),
      findRightSizing(table, { smallTokens: 1000, contextTokens: [4096] }),
    ];
    for (const result of results) {
      expect(moneyIn(result)).toEqual([]);
      expect(result.missing.map(({ what }) => what)).toContain(
        'a cost column, or prices {inputPerMillion, outputPerMillion}',
      );
    }
  });

  it('comes from prices that the user gives', () => {
    const result = breakDownCost(tableOf(plain), prices);
    expect(result.totals.cost).toBeCloseTo((4500 * 3 + 170 * 15) / 1e6, 12);
    expect(result.money).toEqual({ source: 'prices given', rowsWithCost: 3 });
    expect(result.mix.inputShareOfCost).toBeCloseTo(13500 / 16050, 9);
  });

  it('comes from the cost column before prices, for that is what was paid', () => {
    const result = breakDownCost(tableOf('input_tokens,output_tokens,cost_usd\n10,1,0.1\n20,2,0.2\n30,3,\n'), prices);
    expect(result.totals.cost).toBe(0.3);
    expect(result.money).toEqual({ source: 'cost column', currency: 'USD', rowsWithCost: 2 });
    expect(result.mix.inputShareOfCost).toBeUndefined();
  });
});
