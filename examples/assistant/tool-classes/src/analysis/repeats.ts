import type { UsageTable } from '../table/usage-table.ts';
import { arrivalsByModel, type Arrival } from './by-model.ts';
import { sum } from './sum.ts';

export interface Repeats {
  /** Rows whose input size occurred in the window before them, in time order. */
  indexes: number[];
  inputTokens: number;
  /** How many such rows, and tokens in them, the same sizes would give if they arrived in random order. */
  chance: { requests: number; inputTokens: number };
}

/**
 * Requests with exactly the input size of an earlier request to the same model at most `windowMs` before. Equal text has equal size, so
 * true repeats are among them; equal size does not mean equal text, so most may be coincidence. How many coincidences to
 * expect is computed beside it: 1 − (1 − p)^m for a size of frequency p with m requests in the window before.
 */
export function repeatsWithin(table: UsageTable, windowMs: number): Repeats {
  const perModel = arrivalsByModel(table).map((arrivals) => repeatsOf(table, arrivals, windowMs));
  return {
    indexes: perModel.flatMap(({ indexes }) => indexes),
    inputTokens: sum(perModel.map(({ inputTokens }) => inputTokens)),
    chance: {
      requests: sum(perModel.map(({ chance }) => chance.requests)),
      inputTokens: sum(perModel.map(({ chance }) => chance.inputTokens)),
    },
  };
}

function repeatsOf(table: UsageTable, arrivals: Arrival[], windowMs: number): Repeats {
  const sizeOf = (index: number): number => table.input[index] ?? 0;
  const frequency = new Map<number, number>();
  for (const { index } of arrivals) frequency.set(sizeOf(index), (frequency.get(sizeOf(index)) ?? 0) + 1);
  const lastSeen = new Map<number, number>();
  const repeated: number[] = [];
  let oldest = 0;
  let requests = 0;
  let inputTokens = 0;
  for (const [position, { index, at }] of arrivals.entries()) {
    while (at - (arrivals[oldest]?.at ?? at) > windowMs) oldest += 1;
    const size = sizeOf(index);
    const probability = 1 - (1 - (frequency.get(size) ?? 0) / arrivals.length) ** (position - oldest);
    requests += probability;
    inputTokens += probability * size;
    const before = lastSeen.get(size);
    if (before !== undefined && at - before <= windowMs) repeated.push(index);
    lastSeen.set(size, at);
  }
  return { indexes: repeated, inputTokens: sum(repeated.map(sizeOf)), chance: { requests, inputTokens } };
}
