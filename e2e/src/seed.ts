import { randomInt } from 'node:crypto';

export type Random = {
  readonly seed: number;
  /** A whole number from `from` to `to`, both possible. */
  whole(from: number, to: number): number;
  pick<T>(list: readonly T[]): T;
};

/** Repeatable chance, the seed printed: `REVEILLE_TEST_SEED` repeats a run. Mulberry32. */
export function seeded(): Random {
  const seed = Number(process.env['REVEILLE_TEST_SEED'] ?? randomInt(2 ** 31));
  console.log(`REVEILLE_TEST_SEED=${seed}`);
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    seed,
    whole,
    pick<T>(list: readonly T[]): T {
      const picked = list[whole(0, list.length - 1)];
      if (picked === undefined) throw new RangeError('there is nothing to pick from');
      return picked;
    },
  };
}
