import { describe, expect, it } from 'vitest';
import { findAnomalies } from '../../src/analysis/anomalies.ts';
import { robustSpread } from '../../src/analysis/robust-score.ts';
import { csvOf, tableOf } from '../support/read-table.ts';

describe('anomalies', () => {
  const usual = Array.from(
    { length: 300 },
    (_, index) => [index * 10, 900 + ((index * 37) % 200), 20 + (index % 10)] as const,
  );

  it('finds the one request that is out of all proportion, with its row and time', () => {
    const result = findAnomalies(tableOf(csvOf([...usual, [3000, 500_000, 25]])));
    expect(result.requests).toHaveLength(1);
    expect(result.requests[0]).toMatchObject({
      measure: 'input tokens',
      row: 302,
      value: 500_000,
      at: '2024-01-01T00:50:00.000Z',
    });
    expect(result.requests[0]?.score).toBeGreaterThan(3.5);
  });

  it('finds nothing in regular use', () => {
    const result = findAnomalies(tableOf(csvOf(usual)));
    expect(result.requests).toEqual([]);
    expect(result.periods).toEqual([]);
  });

  it('finds the period with a burst, with its rows', () => {
    const burst = Array.from({ length: 200 }, (_, index) => [1500 + index / 100, 1000, 25] as const);
    const found = findAnomalies(tableOf(csvOf([...usual, ...burst]))).periods.find(
      ({ measure }) => measure === 'requests per period',
    );
    expect(found).toMatchObject({ from: '2024-01-01T00:25:00.000Z' });
    expect(found?.rowsTotal).toBeGreaterThanOrEqual(200);
  });

  it('calls nothing unusual when all values are the same', () => {
    expect(robustSpread(Float64Array.of(5, 5, 5)).score(5)).toBe(0);
  });

  it('falls back to the mean deviation when most values are equal', () => {
    const spread = robustSpread(Float64Array.of(5, 5, 5, 5, 5, 5, 5, 5, 5, 105));
    expect(spread.scaleOf).toBe('mean absolute deviation');
    expect(spread.score(105)).toBeCloseTo(7.979, 6);
  });

  it('scores by the median absolute deviation otherwise', () => {
    const spread = robustSpread(Float64Array.of(1, 2, 3, 4, 5));
    expect([spread.median, spread.scale, spread.score(9)]).toEqual([3, 1, 0.6745 * 6]);
  });

  describe('over several days', () => {
    /** Ten days: busy by day, quiet by night; each hour has its own number of requests, the same every day. */
    const daily = Array.from({ length: 240 }, (_, hour) => hour).flatMap((hour) => {
      const requests = hour % 24 >= 8 && hour % 24 < 18 ? 60 + ((hour * 7) % 5) : 4 + ((hour * 3) % 3);
      return Array.from({ length: requests }, (_, index) => [hour * 3600 + index * 50, 1000, 25] as const);
    });
    const periodsOf = (rows: typeof daily) =>
      findAnomalies(tableOf(csvOf(rows))).periods.filter(({ measure }) => measure === 'requests per period');

    it('takes the usual course of the day for what it is', () => {
      const result = findAnomalies(tableOf(csvOf(daily)));
      expect(result.season).toEqual({ name: 'hour of day', cyclePeriods: 24 });
      expect(result.method).toContain('seasonal decomposition');
      expect(result.because).toContain('holds the course by hour of day at least three times');
      expect(result.periods).toEqual([]);
    });

    it('finds a night that is as busy as a day, which no plain score could', () => {
      const night = Array.from({ length: 55 }, (_, index) => [5 * 86_400 + 3 * 3600 + index * 50, 1000, 25] as const);
      const [found, ...others] = periodsOf([...daily, ...night]);
      expect(others).toEqual([]);
      expect(found).toMatchObject({ from: '2024-01-06T03:00:00.000Z', bucketMs: 3_600_000, rowsTotal: found?.value });
      expect(found?.expected).toBeLessThan(10);
      expect(found?.value).toBeGreaterThanOrEqual(55);
    });

    it('finds a day at noon without requests', () => {
      const silent = 5 * 86_400 + 12 * 3600;
      const found = periodsOf(daily.filter(([second]) => second < silent || second >= silent + 3600));
      expect(found).toMatchObject([{ from: '2024-01-06T12:00:00.000Z', value: 0, rowsTotal: 0 }]);
      expect(found[0]?.score).toBeLessThan(-3.5);
    });

    it('says that a shorter span holds no season', () => {
      const result = findAnomalies(tableOf(csvOf(daily.filter(([second]) => second < 2 * 86_400))));
      expect(result).not.toHaveProperty('season');
      expect(result.because).toContain('holds no season three times');
    });
  });
});
