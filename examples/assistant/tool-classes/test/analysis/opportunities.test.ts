import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBatching } from '../../src/analysis/batching.ts';
import { findCaching } from '../../src/analysis/caching.ts';
import { waitsInQueue } from '../../src/analysis/queue.ts';
import { findRightSizing } from '../../src/analysis/right-sizing.ts';
import type { Opportunity } from '../../src/results/figures.ts';
import { csvOf, tableOf } from '../support/read-table.ts';

const caching = { windowMs: 10_000, minPrefixTokens: 100 };
const sizing = { smallTokens: 1000, contextTokens: [4096, 8192] };

function named(found: Opportunity[], id: string): Opportunity | undefined {
  return found.find((opportunity) => opportunity.id === id);
}

describe('caching', () => {
  it('bounds repeats by equal sizes within the window, and labels it as a bound', () => {
    const table = tableOf(
      csvOf([
        [0, 700, 1],
        [5, 700, 1],
        [6, 800, 1],
        [60, 700, 1],
      ]),
    );
    const repeats = named(findCaching(table, caching).opportunities, 'exact-repeats');
    expect(repeats).toMatchObject({
      certainty: 'upper bound',
      rows: [3],
      rowsTotal: 1,
      numbers: { requestsAtMost: 1, inputTokensAtMost: 700 },
    });
  });

  it('does not mix models', () => {
    const table = tableOf(
      'time,input_tokens,output_tokens,model\n2024-01-01 00:00:00,700,1,a\n2024-01-01 00:00:01,700,1,b\n',
    );
    expect(named(findCaching(table, caching).opportunities, 'exact-repeats')).toBeUndefined();
  });

  it('never counts more repeats than there are', () => {
    const rows = fc.array(fc.tuple(fc.nat({ max: 100 }), fc.nat({ max: 5 }), fc.nat({ max: 9 })), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(rows, (all) => {
        const table = tableOf(csvOf(all));
        const sorted = all
          .map(([at, input], index) => ({ at, input, index }))
          .sort((a, b) => a.at - b.at || a.index - b.index);
        const expected = sorted.filter(({ at, input }, position) =>
          sorted.slice(0, position).some((before) => before.input === input && at - before.at <= 10),
        );
        const repeats = named(findCaching(table, caching).opportunities, 'exact-repeats');
        expect(repeats?.numbers['requestsAtMost'] ?? 0).toBe(expected.length);
      }),
    );
  });

  it('bounds a shared prefix by the best length, and no prefix can save more', () => {
    const rows = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 100, max: 5000 }), (inputs, prefix) => {
        const table = tableOf(csvOf(inputs.map((input, index) => [index, input, 1] as const)));
        const bound =
          named(findCaching(table, caching).opportunities, 'shared-prefix')?.numbers['inputTokensAtMost'] ?? 0;
        const couldSave = prefix * Math.max(0, inputs.filter((input) => input >= prefix).length - 1);
        expect(bound).toBeGreaterThanOrEqual(couldSave);
      }),
    );
  });

  it('counts repeats and shared beginnings where the file has hashes', () => {
    const rows = ['0,700,9,x,p', '5,700,9,y,p', '8,900,9,x,p', '60,700,9,x,q', '61,50,9,,q'];
    const lines = rows.map((row) => `2024-01-01T00:${row.replace(/^\d+/, (s) => `00:${s.padStart(2, '0')}`)}`);
    const header = 'time,input_tokens,output_tokens,prompt_hash,prefix_hash';
    const shifted = lines.map((line) => line.replace('T00:00:60', 'T00:01:00').replace('T00:00:61', 'T00:01:01'));
    const result = findCaching(tableOf([header, ...shifted].join('\n')), caching);
    expect(named(result.opportunities, 'known-repeats')).toMatchObject({
      certainty: 'measured',
      rows: [4],
      numbers: { requests: 1, inputTokens: 900, outputTokens: 9 },
    });
    // Of the two prefixes one is too short to be kept: it can be no longer than its shortest request.
    expect(named(result.opportunities, 'known-prefixes')).toMatchObject({
      certainty: 'upper bound',
      rows: [3, 4],
      numbers: { prefixes: 1, requests: 2, inputTokensAtMost: 1400 },
    });
    expect(named(result.opportunities, 'exact-repeats')).toBeUndefined();
    expect(result.missing.map(({ what }) => what)).not.toContain('a hash of each prompt, or of its first part');
  });

  it('says how many requests a prefix could have helped while it was kept', () => {
    const rows = [0, 5, 100].map((second) => [second, 1000, 1] as const);
    expect(named(findCaching(tableOf(csvOf(rows)), caching).opportunities, 'shared-prefix')?.numbers).toMatchObject({
      inputTokensAtMost: 2000,
      requestsWithinWindow: 1,
      inputTokensWithinWindow: 1000,
    });
  });

  it('measures the cache where the file tells it', () => {
    const table = tableOf('input_tokens,output_tokens,cached_input_tokens\n100,1,80\n100,1,0\n');
    expect(named(findCaching(table, caching).opportunities, 'cache-hits')).toMatchObject({
      certainty: 'measured',
      rows: [3],
      numbers: { cachedInputTokens: 80, cachedPerInputToken: 0.4, inputTokensWithoutCache: 100 },
    });
  });

  it('says what sizes cannot tell', () => {
    const result = findCaching(tableOf(csvOf([[0, 1, 1]])), caching);
    expect(result.notKnowable).toContain('whether requests of equal size had equal text');
    expect(result.missing.map(({ what }) => what)).toContain('a hash of each prompt, or of its first part');
  });
});

describe('batching', () => {
  it('groups what arrives within a window and counts the calls saved and the wait added', () => {
    const result = findBatching(
      tableOf(
        csvOf([
          [0, 10, 1],
          [0.5, 10, 1],
          [0.9, 5000, 1],
          [5, 10, 1],
        ]),
      ),
      { windowMs: 1000, smallTokens: 100 },
    );
    if (!result.ok) throw new Error(result.refusal.message);
    expect(named(result.value.opportunities, 'group-all-requests')?.numbers).toMatchObject({
      requests: 4,
      calls: 2,
      callsSaved: 2,
      largestGroup: 3,
      meanAddedWaitMs: 650,
    });
    expect(named(result.value.opportunities, 'group-small-requests')).toMatchObject({
      rows: [2, 3],
      numbers: { requests: 3, calls: 2, callsSaved: 1 },
    });
  });

  it('computes waits at a queue as a step by step simulation does', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 50 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 40 }), (all, serviceMs) => {
        let at = 0;
        let freeAt = 0;
        const arrivals = all.map((gap) => (at += gap));
        const expected = arrivals.map((arrival) => {
          const begins = Math.max(arrival, freeAt);
          freeAt = begins + serviceMs;
          return begins - arrival;
        });
        expect([...waitsInQueue(arrivals, serviceMs)]).toEqual(expected);
      }),
    );
  });

  it('computes concurrency from durations in the unit that the column names', () => {
    const rows = ['00,10,1,1.5', '01,10,1,1.5', '02,10,1,0.5', '10,10,1,1'].map((row) => `2024-01-01T00:00:${row}`);
    const result = findBatching(tableOf(['time,input_tokens,output_tokens,latency_s', ...rows].join('\n')), {
      windowMs: 1,
      smallTokens: 1,
    });
    if (!result.ok) throw new Error(result.refusal.message);
    expect(named(result.value.opportunities, 'concurrency')).toMatchObject({
      rows: [2, 3],
      numbers: { meanConcurrent: 0.45, peakConcurrent: 2, meanDurationMs: 1125 },
    });
    expect(result.value.missing.map(({ what }) => what).join()).not.toContain('durations');
  });

  it('is refused without a time column', () => {
    const result = findBatching(tableOf('input_tokens,output_tokens\n1,2'), { windowMs: 1, smallTokens: 1 });
    expect(result).toMatchObject({ ok: false, refusal: { code: 'missing_columns' } });
  });
});

describe('right-sizing', () => {
  it('tells small requests, long context for short answers, and the context that all requests need', () => {
    const result = findRightSizing(
      tableOf(
        csvOf([
          [0, 500, 500],
          [1, 5000, 10],
          [2, 3000, 2000],
        ]),
      ),
      sizing,
    );
    expect(named(result.opportunities, 'small-requests')).toMatchObject({
      rows: [2],
      numbers: { requests: 1, tokens: 1000 },
    });
    expect(named(result.opportunities, 'long-input-short-output')).toMatchObject({
      rows: [3],
      numbers: { requests: 1, tokens: 5010 },
    });
    expect(named(result.opportunities, 'context-size')?.numbers).toMatchObject({
      largestRequestTokens: 5010,
      contextTokensForAll: 8192,
    });
    expect(result.contextSizes.map(({ requestsThatFit }) => requestsThatFit)).toEqual([1, 3]);
  });

  it('compares small requests with the cheapest model of the price table given, and assumes no price', () => {
    const table = tableOf('input_tokens,output_tokens,model\n500,100,big\n500,100,small\n9000,1,big\n');
    const prices = { inputPerMillion: 10, outputPerMillion: 20 };
    const models = [{ model: 'small', inputPerMillion: 1, outputPerMillion: 2 }];
    const found = findRightSizing(table, sizing, { ...prices, models }).opportunities;
    expect(named(found, 'cheapest-model')).toMatchObject({
      certainty: 'upper bound',
      rows: [2, 3],
      numbers: { cost: 0.0077, costAtCheapest: 0.0014, savedAtMost: 0.0063 },
      method: expect.stringContaining('"small"'),
    });
    expect(named(findRightSizing(table, sizing, prices).opportunities, 'cheapest-model')).toBeUndefined();
  });

  it('names the missing model column, and compares models where there is one', () => {
    expect(findRightSizing(tableOf(csvOf([[0, 1, 1]])), sizing).missing[0]?.what).toBe('a model column');
    const table = tableOf('input_tokens,output_tokens,model\n10,1,big\n9000,1,big\n10,1,small\n');
    expect(findRightSizing(table, sizing).byModel).toMatchObject([
      { model: 'big', requests: 2, smallRequests: 1, shareSmall: 0.5, maxTokens: 9001 },
      { model: 'small', requests: 1, smallRequests: 1 },
    ]);
  });
});
