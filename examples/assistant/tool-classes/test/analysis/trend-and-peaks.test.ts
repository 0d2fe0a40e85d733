import { describe, expect, it } from 'vitest';
import { trendOf } from '../../src/analysis/trend-and-peaks.ts';
import { csvOf, tableOf } from '../support/read-table.ts';

/** One request more in each minute than in the minute before: 1, 2, 3, … */
const rising = csvOf(
  Array.from({ length: 10 }, (_, minute) =>
    Array.from({ length: minute + 1 }, () => [minute * 60, 100, 10] as const),
  ).flat(),
);

function trend(content: string, bucketMs?: number): Extract<ReturnType<typeof trendOf>, { ok: true }>['value'] {
  const result = trendOf(tableOf(content), bucketMs);
  if (!result.ok) throw new Error(result.refusal.message);
  return result.value;
}

describe('trend and peaks', () => {
  it('counts per bucket, finds the peak and its time', () => {
    const result = trend(rising, 60_000);
    expect(result.buckets.map(({ requests }) => requests)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(result.peaks[0]).toMatchObject({ of: 'requests', from: '2024-01-01T00:09:00.000Z', value: 10 });
    expect(result.peakToMean.requests).toBeCloseTo(10 / 5.5, 9);
  });

  it('gives the slope as change per hour', () => {
    const { slope } = trend(rising, 60_000);
    expect(slope?.requestsPerBucketPerHour).toBeCloseTo(60, 6);
    expect(slope?.tokensPerBucketPerHour).toBeCloseTo(6600, 3);
    expect(slope?.buckets).toBe(8);
  });

  it('does not depend on the order of the rows', () => {
    const [header, ...rows] = rising.split('\n');
    const { buckets } = trend([header, ...rows.toReversed()].join('\n'), 60_000);
    expect(buckets).toEqual(trend(rising, 60_000).buckets);
  });

  it('shows empty buckets and widens those that would be too many, saying so', () => {
    const result = trend(
      csvOf([
        [0, 1, 1],
        [86_400 * 30, 1, 1],
      ]),
      1000,
    );
    expect(result.buckets.length).toBeLessThanOrEqual(240);
    expect(result.emptyBuckets).toBe(result.buckets.length - 2);
    expect(result.missing[0]?.what).toContain('wider buckets than 1000 ms');
  });

  it('has no rate and no slope when all requests have the same time', () => {
    const result = trend(
      csvOf([
        [0, 1, 1],
        [0, 2, 2],
      ]),
    );
    expect(result.perMinute).toBeUndefined();
    expect(result.slope).toBeUndefined();
  });

  it('is refused without a time column', () => {
    const result = trendOf(tableOf('input_tokens,output_tokens\n1,2'));
    expect(result).toMatchObject({ ok: false, refusal: { code: 'missing_columns' } });
  });
});
