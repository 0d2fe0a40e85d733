import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs, mint } from '../../src/index.ts';

test('the back-off stays within its doubling, capped ceiling', () => {
  const retry = fc.record({
    attempts: fc.nat(100),
    backoffMs: fc.integer({ min: 1, max: 9999 }),
    maxBackoffMs: fc.integer({ min: 1, max: 99_999 }),
  });
  fc.assert(
    fc.property(
      retry,
      fc.integer({ min: 1, max: 2000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (policy, attempt, random) => {
        const wait = backoffMs(policy, attempt, random);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(Math.min(policy.maxBackoffMs, policy.backoffMs * 2 ** (attempt - 1)));
      },
    ),
  );
});

test('a minted number rises with the clock, and without it', () => {
  expect(mint(5, 1000)).toBe(1000);
  expect(mint(2000, 1000)).toBe(2001);
});
