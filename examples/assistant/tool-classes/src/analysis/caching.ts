import type { Opportunity, Prices } from '../results/figures.ts';
import type { Opportunities } from '../results/opportunities.ts';
import type { UsageTable } from '../table/usage-table.ts';
import { costsOf, missingMoney, type Costs } from './money-of.ts';
import { repeatsWithin } from './repeats.ts';
import { rowNumbers } from './rows.ts';
import { share, sum, tidy } from './sum.ts';

export interface CachingOptions {
  /** How long a cached answer or prefix lives. */
  windowMs: number;
  /** Shorter prefixes are not cached. */
  minPrefixTokens: number;
}

/** What caching could save at most, and what it saves already where the file says so. */
export function findCaching(table: UsageTable, options: CachingOptions, prices?: Prices): Opportunities {
  const costs = costsOf(table, prices);
  const found = [...cacheHits(table), ...exactRepeats(table, options, costs), ...sharedPrefix(table, options, costs)];
  return {
    opportunities: found,
    knowable: [
      'how often the same input size comes again within the time window: at most so many requests can be exact repeats',
      'how many input tokens one prefix shared by all long enough requests can make up at most',
      ...(table.cachedInput === undefined ? [] : ['how many input tokens were served from the cache']),
    ],
    notKnowable: [
      'whether requests of equal size had equal text',
      'whether requests begin with the same text, and how long that beginning is',
      'whether an answer given before would still be right',
    ],
    ...(costs === undefined ? {} : { money: costs.money }),
    missing: [
      {
        what: 'a hash of each prompt, or of its first part',
        why: 'with it repeats and shared prefixes are counted instead of bounded',
      },
      ...(table.cachedInput === undefined
        ? [{ what: 'a column of cached input tokens', why: 'without it the present use of the cache is unknown' }]
        : []),
      ...(table.time === undefined
        ? [{ what: 'a time column', why: 'without it repeats within the life of a cache cannot be told' }]
        : []),
      ...(costs !== undefined && costs.perInputToken === undefined
        ? [{ what: 'a price per input token', why: 'a cost column does not tell what the input tokens alone cost' }]
        : missingMoney(costs)),
    ],
  };
}

function exactRepeats(table: UsageTable, { windowMs }: CachingOptions, costs: Costs | undefined): Opportunity[] {
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
        inputTokensExpectedByChance: tidy(repeats.chance.inputTokens),
        ...inputCostAtMost(costs, repeats.inputTokens),
      },
      rows: rowNumbers(table, largestFirst),
      rowsTotal: repeats.indexes.length,
      method:
        'requests whose exact input size occurred within the window before (per model where known); beside it the number that the ' +
        'same sizes would give in random order. Only what exceeds chance hints at real repeats',
      certainty: 'upper bound',
    },
  ];
}

/**
 * A prefix of s tokens fits only into the n(s) requests with at least s input tokens and is paid once, so it can save at most
 * s × (n(s) − 1) tokens; the largest such product is the bound for any one prefix.
 */
function sharedPrefix(table: UsageTable, { minPrefixTokens }: CachingOptions, costs: Costs | undefined): Opportunity[] {
  const longestFirst = Array.from(table.input.keys()).sort(
    (a, b) => (table.input[b] ?? 0) - (table.input[a] ?? 0) || a - b,
  );
  let best = { tokens: 0, length: 0, requests: 0 };
  for (const [position, index] of longestFirst.entries()) {
    const length = table.input[index] ?? 0;
    if (length < minPrefixTokens) break;
    const tokens = length * position;
    if (tokens > best.tokens) best = { tokens, length, requests: position + 1 };
  }
  if (best.tokens === 0) return [];
  return [
    {
      id: 'shared-prefix',
      title: 'Put what prompts have in common first, so that the provider can cache it',
      numbers: {
        prefixTokens: best.length,
        requestsLongEnough: best.requests,
        inputTokensAtMost: best.tokens,
        shareOfInputTokensAtMost: share(best.tokens, sum(table.input)),
        minPrefixTokens,
        ...inputCostAtMost(costs, best.tokens),
      },
      rows: rowNumbers(table, longestFirst.slice(0, best.requests)),
      rowsTotal: best.requests,
      method:
        'largest s × (n(s) − 1) over all prefix lengths s, where n(s) counts the requests with at least s input tokens: no single ' +
        'shared prefix can save more; whether there is one, sizes do not tell',
      certainty: 'upper bound',
    },
  ];
}

function cacheHits(table: UsageTable): Opportunity[] {
  const { cachedInput } = table;
  if (cachedInput === undefined) return [];
  const cached = sum(cachedInput.filter((value) => !Number.isNaN(value)));
  const without = Array.from(cachedInput.keys()).filter((index) => cachedInput[index] === 0);
  const largestFirst = without.sort((a, b) => (table.input[b] ?? 0) - (table.input[a] ?? 0) || a - b);
  return [
    {
      id: 'cache-hits',
      title: 'Requests that the cache does not help yet',
      numbers: {
        cachedInputTokens: cached,
        cachedPerInputToken: share(cached, sum(table.input)),
        requestsWithoutCache: without.length,
        inputTokensWithoutCache: sum(without.map((index) => table.input[index] ?? 0)),
      },
      rows: rowNumbers(table, largestFirst),
      rowsTotal: without.length,
      method: 'sums of the column of cached input tokens; requests whose cell is 0',
      certainty: 'measured',
    },
  ];
}

function inputCostAtMost(costs: Costs | undefined, inputTokens: number): Record<string, number> {
  return costs?.perInputToken === undefined ? {} : { inputCostAtMost: tidy(inputTokens * costs.perInputToken) };
}
