import type { CachingOptions } from './caching-options.ts';
import type { Opportunity, Prices } from '../results/figures.ts';
import type { Opportunities } from '../results/opportunities.ts';
import type { UsageTable } from '../table/usage-table.ts';
import type { Tell } from '../work/job.ts';
import { findPrefixes } from './cached-prefixes.ts';
import { findRepeats } from './cached-repeats.ts';
import { costsOf, missingMoney } from './money-of.ts';
import { requestsIn, rowNumbers } from './rows.ts';
import { share, sum } from './sum.ts';
import { missingSingles } from './summed-rows.ts';

/**
 * What caching could save, and what it saves already where the file says so. Repeats and shared beginnings are counted where the file has hashes
 * of prompts or of their beginnings; else they are bounded by what sizes and times allow.
 */
export function findCaching(
  table: UsageTable,
  options: CachingOptions,
  prices?: Prices,
  tell: Tell = () => undefined,
): Opportunities {
  const costs = costsOf(table, prices);
  if (table.summedBy !== undefined) {
    return {
      opportunities: cacheHits(table),
      knowable: table.cachedInput === undefined ? [] : ['how many input tokens were served from the cache'],
      notKnowable: ['which requests repeat an earlier one, or begin like it'],
      missing: missingSingles(table),
    };
  }
  tell({ percent: 0, detail: 'looking for repeats' });
  const repeats = findRepeats(table, options, costs);
  tell({ percent: 50, detail: 'looking for shared beginnings' });
  const found = [...cacheHits(table), ...repeats, ...findPrefixes(table, options, costs)];
  const hashed = table.promptHash !== undefined;
  const begun = table.prefixHash !== undefined;
  const within = table.time === undefined ? 'anywhere in the file' : 'within the time window';
  return {
    opportunities: found,
    knowable: [
      hashed
        ? `how many requests repeat an earlier one ${within}`
        : 'how often the same input size comes again within the time window: at most so many requests can be exact repeats',
      begun
        ? `how many requests begin as an earlier one ${within}`
        : 'how many input tokens one prefix shared by all long enough requests can make up at most',
      ...(table.cachedInput === undefined ? [] : ['how many input tokens were served from the cache']),
    ],
    notKnowable: [
      ...(hashed ? [] : ['whether requests of equal size had equal text']),
      begun
        ? 'how long the beginnings are that requests share'
        : 'whether requests begin with the same text, and how long that beginning is',
      'whether an answer given before would still be right',
    ],
    ...(costs === undefined ? {} : { money: costs.money }),
    missing: [
      ...(hashed && begun
        ? []
        : [
            {
              what: 'a hash of each prompt, or of its first part',
              why: 'with columns such as prompt_hash and prefix_hash repeats and shared prefixes are counted instead of bounded',
            },
          ]),
      ...(table.cachedInput === undefined
        ? [{ what: 'a column of cached input tokens', why: 'without it the present use of the cache is unknown' }]
        : []),
      ...(table.time === undefined
        ? [{ what: 'a time column', why: 'without it repeats within the life of a cache cannot be told' }]
        : []),
      ...(costs !== undefined && costs.input === undefined
        ? [{ what: 'a price per input token', why: 'a cost column does not tell what the input tokens alone cost' }]
        : missingMoney(table, costs)),
    ],
  };
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
        requestsWithoutCache: requestsIn(table, without),
        inputTokensWithoutCache: sum(without.map((index) => table.input[index] ?? 0)),
      },
      rows: rowNumbers(table, largestFirst),
      rowsTotal: without.length,
      method: 'sums of the column of cached input tokens; requests whose cell is 0',
      because: 'the file has a column of cached input tokens, so the present use is known',
      certainty: 'measured',
    },
  ];
}
