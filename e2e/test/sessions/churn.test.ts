import { expect, inject, test } from 'vitest';
import { churn } from '../../src/churn/churn.ts';
import { fifthsOf } from '../../src/churn/spread.ts';

test('connections are cut and all edges replaced while sessions talk: nothing is lost or doubled', async () => {
  const { closes, ...count } = await churn({
    redisUrl: inject('redisUrl'),
    ...{ sessions: 40, edges: 2, disconnects: 120, disconnectsPerSecond: 60, restarts: 1, pauseMs: 200 },
    say: () => undefined,
  });
  expect(count).toMatchObject({
    lost: 0,
    doubled: 0,
    missing: 0,
    outOfOrder: 0,
    begunAnew: 0,
    refused: 0,
    disconnects: 120,
  });
  expect(count.questions).toBeGreaterThan(80);
  expect(count.resumed).toBeGreaterThan(80);
  expect(closes).toHaveLength(2);
});

test('a share of closes that come together is seen as such', () => {
  expect(fifthsOf([0, 1, 2, 3, 4])).toEqual([0.2, 0.2, 0.2, 0.2, 0.2]);
  expect(fifthsOf([0, 0, 0, 100])).toEqual([0.75, 0, 0, 0, 0.25]);
});
