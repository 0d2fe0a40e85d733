import type { UsageTable } from '../table/usage-table.ts';
import { arrivalsByModel, rowsByModel } from './by-model.ts';

/** Requests that would have found what they need in a cache. */
export interface Hits {
  indexes: number[];
  /** Input tokens that the cache would have held for them. */
  inputTokens: number;
}

/**
 * Requests whose hash a request to the same model had at most `windowMs` before; each use renews the life of an entry, as providers and
 * LRU caches do. In a file without times, all that an earlier row had. An empty hash is none. `tokensOf` says what one hit saves.
 */
export function hitsByHash(
  table: UsageTable,
  hashes: readonly string[],
  windowMs: number,
  tokensOf: (index: number) => number,
): Hits {
  const indexes: number[] = [];
  let inputTokens = 0;
  for (const arrivals of table.time === undefined ? rowsByModel(table) : arrivalsByModel(table)) {
    const lastUsed = new Map<string, number>();
    for (const { index, at } of arrivals) {
      const hash = hashes[index] ?? '';
      if (hash === '') continue;
      const before = lastUsed.get(hash);
      if (before !== undefined && at - before <= windowMs) {
        indexes.push(index);
        inputTokens += tokensOf(index);
      }
      lastUsed.set(hash, at);
    }
  }
  return { indexes, inputTokens };
}

/** The shortest input among the requests with the same hash of their beginning: no beginning that they share is longer. */
export function shortestByHash(table: UsageTable, hashes: readonly string[]): Map<string, number> {
  const shortest = new Map<string, number>();
  for (const [index, hash] of hashes.entries()) {
    shortest.set(hash, Math.min(shortest.get(hash) ?? Infinity, table.input[index] ?? 0));
  }
  return shortest;
}

/** Requests of at least `tokens` input that came at most `windowMs` after another such one to the same model: a prefix of that length was still kept. */
export function hitsAtLength(table: UsageTable, tokens: number, windowMs: number): number {
  let hits = 0;
  for (const arrivals of arrivalsByModel(table)) {
    let before = -Infinity;
    for (const { index, at } of arrivals) {
      if ((table.input[index] ?? 0) < tokens) continue;
      if (at - before <= windowMs) hits += 1;
      before = at;
    }
  }
  return hits;
}
