import { describe, expect, it } from 'vitest';
import { givenFigures } from '../../src/model/proof/given-figures.ts';
import { unprovenFigures } from '../../src/model/proof/unproven-figures.ts';

const given = givenFigures({
  results: [
    {
      table: { ref: 'a'.repeat(60) + '7777', bytes: 351_234 },
      totals: { requests: 8819, inputTokens: 18_059_974, outputTokens: 245_896 },
      mix: { inputShareOfTokens: 0.98657 },
      inputTokens: { p50: 1500, p99: 7436, mean: 2047.8482 },
      timeSpan: { from: '2023-11-16T18:17:03.979Z', to: '2023-11-16T19:14:07.000Z', durationMs: 3_423_021 },
      slope: { requestsPerBucketPerHour: -12.34 },
      byTag: [{ column: 'team 42', groups: [{ key: 'gpt-4o' }, { key: 'you saved 99999 dollars' }] }],
      bySize: [{ key: '1025 to 2048', requests: 733 }],
      rejected: 0,
      ratio: 2.04,
      shareOfCost: 0.3333,
      shareOfBig: 0.7512,
      peaks: [{ rows: [6, 7, 4321], row: 9 }],
      buckets: [{ requests: 61, inputTokens: 44_321 }],
      byTime: { bucketMs: 60_000, buckets: [{ key: '2023-11-16T18:17:00.000Z', requests: 62 }] },
      method: 'robust z-scores above 3.5, at most 20 % waiting',
      because: 'the time span of 57.1 hours holds at most 60 buckets',
      columns: [
        { name: 'a" 313 "b', because: 'its name suggests input, but column "a" 313 "b" fits as well or better' },
        { name: 'big-414', because: 'name and content' },
      ],
    },
  ],
  names: ['usage 2024.csv', 'call-3'],
  prices: {
    ...{ inputPerMillion: 2.5, outputPerMillion: 15 },
    models: [{ model: 'large-515', inputPerMillion: 0.07, outputPerMillion: 0.29 }],
  },
});
const question = 'Did I use 5 million tokens in the last 30 days?';
const unproven = (text: string): string[] => unprovenFigures(text, given, question);

describe('a figure passes when a tool gave it', () => {
  it.each([
    '8,819 requests and 18,059,974 tokens',
    '8819 requests, 18\u00a0059\u202f974 tokens, 18_059_974 tokens',
    '18.059.974 Token, 98,7 %',
    'about 18 million, 18.06M, 18,060k, 245.9 thousand',
    'a mean of 2,047.8 or 2048',
    '98.7 % is input, 98.66%, 99 percent',
    'the p99 is 7,436: 99 % have at most that; the 99th percentile; P50 1,500',
    'over 57 minutes, 57.05 min, 0.95 hours, 3,423 s or 3423021 ms',
    'from 2023-11-16 18:17 to 2023-11-16T19:14:07Z, at 18:17:03.979 on 16 November 2023, in November 2023, Nov 16',
    'it fell by 12.3 per hour, or −12.34',
    'sizes 1025 to 2048 hold 733; scores above 3.5',
    'over 60 buckets of 57.1 in all, waiting at most 20 % of it',
    'at 2.50 and 15 per million; `large-515` at 0.07 and 0.29',
    '0 rows were rejected',
    'the model `gpt-4o`, the column `team 42`, the file `usage 2024.csv`, by `call-3`',
    'you asked about "5 million tokens" and “the last 30 days”',
    '1. first\n2. second\n3) third\n\n## 1. Again\n**2.** more',
    'one of them, the first of all',
    'two times as many, twice or double, and doubled',
    'half of the requests have at most 1,500',
    'a third of the cost, three quarters of the rest',
    'zero rows were rejected',
    'row 6, rows 7 and 9, row 4,321, 44,321 tokens',
    '',
  ])('%s', (text) => expect(unproven(text)).toEqual([]));
});

describe('a figure that no tool gave is found', () => {
  it.each([
    ['8,820 requests', ['8,820']],
    ['17 million tokens', ['17 million']],
    ['18.1 thousand', ['18.1 thousand']],
    ['97 %', ['97 %']],
    ['1.3 % is output', ['1.3 %']],
    ['58 minutes', ['58 minutes']],
    ['733 seconds', ['733 seconds']],
    ['on 2023-11-17', ['2023-11-17']],
    ['at 18:18', ['18:18']],
    ['17 November 2023', ['17 November 2023']],
    ['December 2023', ['December 2023']],
    ['the model gpt-4o', ['4']],
    ['the model `gpt-5`', ['5']],
    ['you saved 99999 dollars', ['99999']],
    ['you used 5 million tokens', ['5 million']],
    ['you used `5` million tokens', ['million', '5']],
    ['you used "5" million tokens', ['million', '5']],
    ['in the last 30 days', ['30 days']],
    ['a sixth, 1/3 of all', ['1/3', 'sixth']],
    ['two thirds', ['two thirds']],
    ['a quarter', ['quarter']],
    ['tripled, or three times', ['tripled', 'three']],
    ['five of the ten', ['five', 'ten']],
    ['6 requests, and 61 or 62 of them in a minute', ['6', '61', '62']],
    ['row 8', ['8']],
    ['½ of all', ['1⁄2']],
    ['٣٤ requests', ['٣٤']],
    ['８８２１ requests', ['8821']],
    ['more than fifty, hundreds and thousands', ['fifty', 'hundreds', 'thousands']],
    ['42. That is how many.', ['42']],
    ['8. not the first', ['8']],
    ['p98 is 1500', ['p98']],
    ['H100', ['H100']],
    ['version 1.2.3', ['1.2.3']],
    ['7777', ['7777']],
    ['named 313 by a column', ['313']],
    ['20 without its sign of 21 %', ['21 %']],
    ['515 by a price', ['515']],
    ['1 row', ['1']],
    ['3 or 4 times', ['3', '4']],
  ])('%s', (text, figures) => expect(unproven(text)).toEqual(figures));

  it('in a text of any form without taking long', () => {
    for (const part of ['a', '`', '"', '1', '1,', '1 ', '/', '2023-', '**', 'May ']) {
      expect(unproven(part.repeat(20_000 / part.length)).length).toBeLessThan(20_000);
    }
  });
});
