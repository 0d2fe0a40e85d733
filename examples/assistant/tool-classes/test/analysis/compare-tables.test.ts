import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareTables } from '../../src/analysis/compare-tables.ts';
import { probabilityLarger } from '../../src/analysis/probability-larger.ts';
import { csvOf, tableOf } from '../support/read-table.ts';

describe('comparing two tables', () => {
  const before = tableOf(csvOf([0, 60].map((second) => [second, 100, 10])), { name: 'may.csv' });
  const now = tableOf(csvOf([0, 20, 60].map((second) => [second, 200, 10])), { name: 'june.csv' });

  it('tells sums, sizes and rates of both with their difference and ratio', () => {
    const { changes, largerNow, ...result } = compareTables(now, before);
    expect(result).toMatchObject({ before: { name: 'may.csv' }, now: { name: 'june.csv' } });
    expect(changes).toContainEqual({ what: 'input tokens', before: 200, now: 600, difference: 400, ratio: 3 });
    expect(changes).toContainEqual({ what: 'requests per minute', before: 2, now: 3, difference: 1, ratio: 1.5 });
    expect(largerNow).toEqual({ inputTokens: 1, outputTokens: 0.5 });
    expect(changes.map(({ what }) => what)).not.toContain('cost');
  });

  it('puts the models with the largest change first, also those that are new or gone', () => {
    const of = (...rows: string[]) => tableOf(['input_tokens,output_tokens,model', ...rows].join('\n'));
    const { models } = compareTables(of('10,0,a', '500,0,new'), of('20,0,a', '90,0,gone'));
    expect(models?.map(({ model }) => model)).toEqual(['new', 'gone', 'a']);
    expect(models?.[1]).toMatchObject({ requestsBefore: 1, requestsNow: 0, tokensBefore: 90, tokensNow: 0 });
  });

  it('counts pairs as a comparison of each with each would', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(sizes, sizes, (these, those) => {
        const pairs = these.flatMap((mine) => those.map((other) => (mine > other ? 1 : mine === other ? 0.5 : 0)));
        const expected = pairs.reduce<number>((all, one) => all + one, 0) / pairs.length;
        expect(probabilityLarger(Float64Array.from(these), Float64Array.from(those))).toBeCloseTo(expected, 9);
      }),
    );
  });
});
