import type { Opportunity } from '../results/figures.ts';
import type { UsageTable } from '../table/usage-table.ts';
import type { CachingOptions } from './caching-options.ts';
import { inputCostAtMost } from './input-cost.ts';
import { hitsAtLength, hitsByHash, shortestByHash } from './known-repeats.ts';
import type { Costs } from './money-of.ts';
import { rowNumbers } from './rows.ts';
import { share, sum } from './sum.ts';

/** Requests that begin as an earlier one while the provider still has that beginning. */
export function findPrefixes(table: UsageTable, options: CachingOptions, costs: Costs | undefined): Opportunity[] {
  return table.prefixHash === undefined
    ? boundedPrefix(table, options, costs)
    : countedPrefixes(table, table.prefixHash, options, costs);
}

function countedPrefixes(
  table: UsageTable,
  hashes: readonly string[],
  { windowMs, minPrefixTokens }: CachingOptions,
  costs: Costs | undefined,
): Opportunity[] {
  const shortest = shortestByHash(table, hashes);
  const longEnough = hashes.map((hash) => ((shortest.get(hash) ?? 0) >= minPrefixTokens ? hash : ''));
  const hits = hitsByHash(table, longEnough, windowMs, (index) => shortest.get(hashes[index] ?? '') ?? 0);
  if (hits.indexes.length === 0) return [];
  return [
    {
      id: 'known-prefixes',
      title: 'Let the provider cache the beginnings that requests share',
      numbers: {
        ...(table.time === undefined ? {} : { windowMs }),
        minPrefixTokens,
        prefixes: new Set(hits.indexes.map((index) => hashes[index])).size,
        requests: hits.indexes.length,
        shareOfRequests: share(hits.indexes.length, table.input.length),
        inputTokensAtMost: hits.inputTokens,
        shareOfInputTokensAtMost: share(hits.inputTokens, sum(table.input)),
        ...inputCostAtMost(costs, hits.inputTokens),
      },
      rows: rowNumbers(table, hits.indexes),
      rowsTotal: hits.indexes.length,
      method:
        `requests whose prefix hash ${table.time === undefined ? 'an earlier row of the same model has' : 'a request to the same model had at most windowMs before'}; ` +
        'each saves at most as many tokens as the shortest ' +
        'request with that hash has, since what all of them share is no longer; beginnings below minPrefixTokens are left out',
      because:
        (table.time === undefined
          ? 'the file has a hash of the beginning of each prompt and no times: hits are counted over the whole file, and their order in time is unknown'
          : 'the file has a hash of the beginning of each prompt and the times, so hits are counted') +
        '; how long the beginnings are it does not say',
      certainty: 'upper bound',
    },
  ];
}

/**
 * A prefix of s tokens fits only into the n(s) requests with at least s input tokens and is paid once, so it can save at most
 * s × (n(s) − 1) tokens; the largest such product is the bound for any one prefix.
 */
function boundedPrefix(
  table: UsageTable,
  { minPrefixTokens, windowMs }: CachingOptions,
  costs: Costs | undefined,
): Opportunity[] {
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
  const hits = hitsAtLength(table, best.length, windowMs);
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
        ...(table.time === undefined
          ? {}
          : { windowMs, requestsWithinWindow: hits, inputTokensWithinWindow: hits * best.length }),
        ...inputCostAtMost(costs, best.tokens),
      },
      rows: rowNumbers(table, longestFirst.slice(0, best.requests)),
      rowsTotal: best.requests,
      method:
        'largest s × (n(s) − 1) over all prefix lengths s, where n(s) counts the requests with at least s input tokens: no single ' +
        'shared prefix can save more; whether there is one, sizes do not tell. Within windowMs of the one before (per model) come requestsWithinWindow of them: ' +
        'a cache that keeps a prefix so long after each use helps those',
      because:
        'the file has sizes and no hash of the beginnings: what is shared can be no longer than the requests that share it',
      certainty: 'upper bound',
    },
  ];
}
