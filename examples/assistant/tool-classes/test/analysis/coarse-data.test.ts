import { describe, expect, it } from 'vitest';
import { findBatching } from '../../src/analysis/batching.ts';
import { compareTables } from '../../src/analysis/compare-tables.ts';
import { breakDownCost } from '../../src/analysis/cost-breakdown.ts';
import { findAnomalies } from '../../src/analysis/anomalies.ts';
import { trendOf } from '../../src/analysis/trend-and-peaks.ts';
import { csvOf, tableOf } from '../support/read-table.ts';

const DAY_S = 86_400;
const DAY_MS = DAY_S * 1000;

/** One row a day of about half a million tokens, never more than 1 % off. */
const days = Array.from(
  { length: 60 },
  (_, day) => [day * DAY_S, 520_000 + ((day * 2657) % 10_401) - 5200, 1000] as const,
);
const withDay = (day: number, input: number) =>
  days.map((row, index) => (index === day ? ([row[0], input, 1000] as const) : row));

function trend(rows: readonly (readonly [number, number, number])[], bucketMs?: number) {
  const result = trendOf(tableOf(csvOf(rows)), bucketMs);
  if (!result.ok) throw new Error(result.refusal.message);
  return result.value;
}

describe('a table with one row a day', () => {
  it('has nothing unusual when all days are alike', () => {
    const found = findAnomalies(tableOf(csvOf(days)));
    expect(found.measures.map((one) => one.found)).toEqual(found.measures.map(() => 0));
    expect(found.season).toEqual({ name: 'day of week', cyclePeriods: 7 });
  });

  it.each([
    ['in the middle', 30],
    ['at the end', 59],
  ])('has its odd day found, %s', (_where, day) => {
    const found = findAnomalies(tableOf(csvOf(withDay(day, 1_900_000)))).periods;
    expect(found).toMatchObject([{ measure: 'tokens per period', bucketMs: DAY_MS, rows: [day + 2] }]);
  });

  it('has no peaks made of days that were cut into hours', () => {
    expect(trend(days)).toMatchObject({ bucketMs: DAY_MS, emptyBuckets: 0, peakToMean: { requests: 1 } });
    expect(trend(days).peakToMean.tokens).toBeLessThan(1.02);
    expect(breakDownCost(tableOf(csvOf(days.slice(0, 5)))).byTime?.bucketMs).toBe(DAY_MS);
  });
});

describe('periods', () => {
  it('are never finer than the rows come, even when that is asked for', () => {
    const minutes = Array.from({ length: 60 }, (_, minute) => [minute * 60, 1000, 10] as const);
    expect(trend(minutes)).toMatchObject({ bucketMs: 60_000, peakToMean: { requests: 1, tokens: 1 } });
    const asked = trend(minutes, 30_000);
    expect(asked.bucketMs).toBe(60_000);
    expect(asked.missing.map(({ what }) => what).join()).toContain('wider buckets than 30000 ms');
  });

  it('are not compared by season, nor at all, where most of them are empty', () => {
    // Bursts of a minute, days apart: no hour is usual.
    const bursts = [0, 3, 9, 14, 22, 29].flatMap((day) =>
      Array.from({ length: 60 }, (_, second) => [day * DAY_S + second, 1000 + (second % 7) * 40, 10] as const),
    );
    const found = findAnomalies(tableOf(csvOf(bursts)));
    expect(found.season).toBeUndefined();
    expect(found.periods).toEqual([]);
  });
});

describe('a difference that is small beside the usual', () => {
  const equal = Array.from({ length: 200 }, (_, index) => [index * 10, 100, 10] as const);

  it('is not unusual, however equal the others are, and the method says from where on it is', () => {
    const found = findAnomalies(tableOf(csvOf([...equal, [2000, 101, 10]])));
    expect(found.requests).toEqual([]);
    expect(found.method).toContain('10 %');
  });

  it('is unusual once it matters', () => {
    expect(findAnomalies(tableOf(csvOf([...equal, [2000, 130, 10]]))).requests).toMatchObject([{ row: 202 }]);
  });
});

describe('the slope', () => {
  const noise = (day: number) => ((day * 7919) % 101) * 1000;

  it('is told only where it stands out from the scatter', () => {
    const flat = days.map(([at], day) => [at, 500_000 + noise(day), 1000] as const);
    expect(trend(flat).slope).not.toHaveProperty('tokensPerBucketPerHour');
    const rising = days.map(([at], day) => [at, 500_000 + noise(day) + 20_000 * day, 1000] as const);
    expect(trend(rising).slope?.tokensPerBucketPerHour).toBeCloseTo(20_000 / 24, -2);
    expect(trend(rising).slope).not.toHaveProperty('requestsPerBucketPerHour');
  });
});

describe('a rate', () => {
  it('is told in a unit of time in which it is more than nothing', () => {
    const weekly = [0, 7, 14, 21, 28].map((day) => [day * DAY_S, 1000, 10] as const);
    const batching = findBatching(tableOf(csvOf(weekly)), { windowMs: 1000, smallTokens: 512 });
    if (!batching.ok) throw new Error(batching.refusal.message);
    const queue = batching.value.opportunities.find(({ id }) => id === 'queue-peaks');
    expect(queue?.numbers['meanPerDay']).toBeCloseTo(1 / 7, 6);
    const { changes } = compareTables(tableOf(csvOf(days)), tableOf(csvOf(days.slice(0, 30))));
    expect(changes.find(({ what }) => what === 'requests per day')?.now).toBeCloseTo(60 / 59, 6);
  });
});
