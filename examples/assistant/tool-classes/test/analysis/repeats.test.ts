import { describe, expect, it } from 'vitest';
import { repeatsWithin } from '../../src/analysis/repeats.ts';
import { csvOf, tableOf } from '../support/read-table.ts';

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Mean number of repeats over many random orders of the same sizes at the same times. */
function overShuffles(sizes: readonly number[], windowMs: number, shuffles = 300): number {
  const next = random(7);
  let all = 0;
  for (let run = 0; run < shuffles; run += 1) {
    const order = [...sizes];
    for (let place = order.length - 1; place > 0; place -= 1) {
      const other = Math.floor(next() * (place + 1));
      [order[place], order[other]] = [order[other] ?? 0, order[place] ?? 0];
    }
    const windowRows = windowMs / 1000;
    const last = new Map<number, number>();
    for (const [place, size] of order.entries()) {
      if (place - (last.get(size) ?? -Infinity) <= windowRows) all += 1;
      last.set(size, place);
    }
  }
  return all / shuffles;
}

const chanceOf = (sizes: readonly number[], windowMs: number) =>
  repeatsWithin(tableOf(csvOf(sizes.map((size, second) => [second, size, 1] as const))), windowMs).chance;

describe('the number of repeats that chance alone gives', () => {
  it('is none where all sizes differ', () => {
    const sizes = Array.from({ length: 1000 }, (_, index) => index + 1);
    expect(chanceOf(sizes, 60_000)).toEqual({ requests: 0, inputTokens: 0 });
  });

  it.each([
    [
      'true repeats one behind the other',
      Array.from({ length: 1000 }, (_, row) => (row < 200 ? 5000 + (row >> 1) : row)),
    ],
    [
      'a few common sizes',
      Array.from({ length: 500 }, (_, row) => (row % 3 === 0 ? 100 : row % 5 === 0 ? 200 : row + 1000)),
    ],
    ['one size only', Array.from({ length: 50 }, () => 10)],
  ])('is that of real shuffles: %s', (_name, sizes) => {
    for (const windowMs of [20_000, 100_000]) {
      const expected = overShuffles(sizes, windowMs);
      expect(Math.abs(chanceOf(sizes, windowMs).requests - expected)).toBeLessThan(Math.max(0.5, expected * 0.03));
    }
  });
});
