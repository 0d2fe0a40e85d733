import { expect, test } from 'vitest';
import { goesOn, interleaved } from '../../src/measure/rounds.ts';

test('ours and the reference are measured in turns, and what warms up does not count', async () => {
  const order: string[] = [];
  const measure = (name: string) => async () => order.push(name);
  const { signal } = new AbortController();
  const samples = await interleaved(
    { rounds: 2, warmUp: 1, signal },
    { ours: measure('ours'), reference: measure('reference') },
  );
  expect(order).toEqual(['ours', 'reference', 'ours', 'reference', 'ours', 'reference']);
  expect(samples).toEqual({ ours: [3, 5], reference: [4, 6] });
});

test('an end that is asked for comes before the next measurement', async () => {
  const stop = new AbortController();
  const rounds = interleaved({ rounds: 10, signal: stop.signal }, { ours: async () => (stop.abort(), 1) });
  await expect(rounds).rejects.toBe(stop.signal.reason);
});

test('rounds end with their number, or with their time once there are enough', () => {
  const over = Number.NEGATIVE_INFINITY;
  const ahead = Number.POSITIVE_INFINITY;
  expect(goesOn({ done: 5, wanted: 5, enough: 2, until: ahead })).toBe(false);
  expect(goesOn({ done: 4, wanted: 5, enough: 2, until: ahead })).toBe(true);
  expect(goesOn({ done: 2, wanted: 5, enough: 2, until: over })).toBe(false);
  expect(goesOn({ done: 1, wanted: 5, enough: 2, until: over })).toBe(true);
});
