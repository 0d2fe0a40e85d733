import { describe, expect, it } from 'vitest';
import { findAnomalies } from '../../src/analysis/anomalies.ts';
import { findBatching } from '../../src/analysis/batching.ts';
import { findCaching } from '../../src/analysis/caching.ts';
import { compareTables } from '../../src/analysis/compare-tables.ts';
import { breakDownCost } from '../../src/analysis/cost-breakdown.ts';
import { describeTable } from '../../src/analysis/describe-data.ts';
import { findRightSizing } from '../../src/analysis/right-sizing.ts';
import { trendOf } from '../../src/analysis/trend-and-peaks.ts';
import { tableOf } from '../support/read-table.ts';

/** As the usage page of a provider exports it: a row a day and model, each the sum of about a thousand requests. */
const table = tableOf(
  [
    'start_time_iso,model,num_model_requests,input_tokens,output_tokens,input_cached_tokens',
    ...Array.from({ length: 30 }, (_, day) => {
      const date = new Date(Date.UTC(2024, 0, 1 + day)).toISOString();
      return [`${date},large,1000,520000,40000,0`, `${date},small,500,90000,9000,1000`].join('\n');
    }),
  ].join('\n'),
);
const whys = ({ missing }: { missing: { why: string }[] }): string => missing.map(({ why }) => why).join('\n');

describe('rows that sum up many requests', () => {
  it('are counted as the requests that they say', () => {
    expect(describeTable(table).totals.requests).toBe(45_000);
    const breakdown = breakDownCost(table);
    expect(breakdown.byModel?.map(({ key, requests }) => [key, requests])).toEqual([
      ['large', 30_000],
      ['small', 15_000],
    ]);
    const trend = trendOf(table);
    if (!trend.ok) throw new Error(trend.refusal.message);
    expect(trend.value.buckets[0]).toMatchObject({ requests: 1500 });
    expect(trend.value.perMinute?.requests).toBeCloseTo(45_000 / (29 * 24 * 60), 6);
    const comparison = compareTables(table, table);
    expect(comparison.now.totals.requests).toBe(45_000);
    expect(comparison.models?.[0]?.requestsNow).toBe(30_000);
    expect(comparison.changes.find(({ what }) => what === 'requests per minute')?.now).toBeCloseTo(45_000 / 41_760, 6);
  });

  it('say nothing about single requests, and each result says why', () => {
    const breakdown = breakDownCost(table);
    expect([breakdown.bySize, breakdown.topRequests]).toEqual([[], []]);
    const sizing = findRightSizing(table, { smallTokens: 1024, contextTokens: [4096] });
    expect([sizing.opportunities, sizing.contextSizes]).toEqual([[], []]);
    const batching = findBatching(table, { windowMs: 1000, smallTokens: 512 });
    if (!batching.ok) throw new Error(batching.refusal.message);
    expect(batching.value.opportunities).toEqual([]);
    const caching = findCaching(table, { windowMs: 1000, minPrefixTokens: 1 });
    expect(caching.opportunities.map(({ id }) => id)).toEqual(['cache-hits']);
    const anomalies = findAnomalies(table);
    expect(anomalies.measures.map(({ measure }) => measure)).toEqual(['requests per period', 'tokens per period']);
    const comparison = compareTables(table, table);
    expect(comparison).not.toHaveProperty('largerNow');
    expect(comparison.changes.map(({ what }) => what).join()).not.toContain('median');
    for (const result of [breakdown, sizing, batching.value, caching, anomalies, comparison]) {
      expect(whys(result)).toContain('sum up several requests');
    }
  });
});
