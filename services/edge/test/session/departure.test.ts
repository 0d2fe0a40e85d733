import { expect, test } from 'vitest';
import { departureOf } from '../../src/session/departure.ts';

const drainMs = 5_000;

function departures(sessions: number) {
  return Array.from({ length: sessions }, () => departureOf(sessions, drainMs));
}

/** The least share of the values that lies in one fifth of the way from 0 to `end`. */
function leastFifth(values: readonly number[], end: number): number {
  const counts = [0, 0, 0, 0, 0];
  for (const value of values) counts[Math.min(4, Math.floor((value / end) * 5))]! += 1;
  return Math.min(...counts) / values.length;
}

test.each([
  [20, 100],
  [400, 2_000],
  [2_000, 2_500],
])('of %i sessions each goes at a moment of its own within %i ms', (sessions, spreadMs) => {
  const moments = departures(sessions).map(({ inMs }) => inMs);
  expect(Math.min(...moments)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...moments)).toBeLessThanOrEqual(spreadMs);
  expect(new Set(moments).size).toBe(sessions);
  // Of 400 a fifth has 80, give or take 8.
  if (sessions >= 400) expect(leastFifth(moments, spreadMs)).toBeGreaterThan(0.1);
});

test('each client is told to come back after a pause of its own, in whole milliseconds from 0 to 500', () => {
  const pauses = departures(2_000).map(({ reconnectInMs }) => reconnectInMs);
  expect(pauses.every((pause) => Number.isInteger(pause) && pause >= 0 && pause <= 500)).toBe(true);
  expect(leastFifth(pauses, 500)).toBeGreaterThan(0.1);
});
