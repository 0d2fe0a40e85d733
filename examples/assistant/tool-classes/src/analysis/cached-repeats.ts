import type { Opportunity } from '../results/figures.ts';
import type { UsageTable } from '../table/usage-table.ts';
import type { CachingOptions } from './caching-options.ts';
import { inputCostAtMost } from './input-cost.ts';
import { hitsByHash } from './known-repeats.ts';
import type { Costs } from './money-of.ts';
import { repeatsWithin } from './repeats.ts';
import { rowNumbers } from './rows.ts';
import { share, sum, tidy } from './sum.ts';

/** Requests that repeat an earlier one while a cache would still have its answer. */
export function findRepeats(table: UsageTable, options: CachingOptions, costs: Costs | undefined): Opportunity[] {
  return table.promptHash === undefined
    ? boundedRepeats(table, options, costs)
    : countedRepeats(table, table.promptHash, options, costs);
}

function countedRepeats(
  table: UsageTable,
  hashes: readonly string[],
  { windowMs }: CachingOptions,
  costs: Costs | undefined,
): Opportunity[] {
  const hits = hitsByHash(table, hashes, windowMs, (index) => table.input[index] ?? 0);
  if (hits.indexes.length === 0) return [];
  return [
    {
      id: 'known-repeats',
      title: 'Answer repeated requests from a cache',
      numbers: {
        ...(table.time === undefined ? {} : { windowMs }),
        requests: hits.indexes.length,
        shareOfRequests: share(hits.indexes.length, table.input.length),
        inputTokens: hits.inputTokens,
        shareOfInputTokens: share(hits.inputTokens, sum(table.input)),
        outputTokens: sum(hits.indexes.map((index) => table.output[index] ?? 0)),
        ...(costs === undefined ? {} : { cost: tidy(sum(hits.indexes.map(costs.ofRow))) }),
      },
      rows: rowNumbers(table, hits.indexes),
      rowsTotal: hits.indexes.length,
      method:
        (table.time === undefined
          ? 'requests whose prompt hash an earlier row of the same model has'
          : 'requests whose prompt hash a request to the same model had at most windowMs before, as in a cache whose entries live so long after each use') +
        '; an answer from a cache costs neither input nor output tokens',
      because:
        table.time === undefined
          ? 'the file has a hash of each prompt and no times: repeats are counted over the whole file, and their order in time is unknown, so a cache may have forgotten some of them'
          : 'the file has a hash of each prompt and the times, so repeats are counted and not estimated from sizes',
      certainty: table.time === undefined ? 'upper bound' : 'measured',
    },
  ];
}

/** What sizes alone allow: at most so many requests repeat an earlier one, and so many would by chance. */
function boundedRepeats(table: UsageTable, { windowMs }: CachingOptions, costs: Costs | undefined): Opportunity[] {
  if (table.time === undefined) return [];
  const repeats = repeatsWithin(table, windowMs);
  if (repeats.indexes.length === 0) return [];
  const largestFirst = repeats.indexes.toSorted((a, b) => (table.input[b] ?? 0) - (table.input[a] ?? 0) || a - b);
  return [
    {
      id: 'exact-repeats',
      title: 'Answer repeated requests from a cache',
      numbers: {
        windowMs,
        requestsAtMost: repeats.indexes.length,
        inputTokensAtMost: repeats.inputTokens,
        shareOfInputTokensAtMost: share(repeats.inputTokens, sum(table.input)),
        requestsExpectedByChance: tidy(repeats.chance.requests),
        requestsAboveChance: tidy(Math.max(0, repeats.indexes.length - repeats.chance.requests)),
        inputTokensExpectedByChance: tidy(repeats.chance.inputTokens),
        ...inputCostAtMost(costs, repeats.inputTokens),
      },
      rows: rowNumbers(table, largestFirst),
      rowsTotal: repeats.indexes.length,
      method:
        'requests whose exact input size occurred within the window before (per model where known); beside it the number that the ' +
        'same sizes would give in random order. Only what exceeds chance hints at real repeats',
      because:
        'the file has sizes and times and no hash of the prompts: equal prompts have equal sizes, so sizes bound them',
      certainty: 'upper bound',
    },
  ];
}
