import { expect, test } from 'vitest';
import { interleaved } from '../../src/measure/rounds.ts';

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
