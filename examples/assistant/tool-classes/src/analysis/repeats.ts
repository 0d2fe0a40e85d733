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
 * expect is computed beside it, as the mean over all orders in which the same sizes could have arrived at the same times.
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
  const lastSeen = new Map<number, number>();
  const repeated: number[] = [];
  /** How many arrivals have so many others in the window before them. */
  const windows = new Map<number, number>();
  let oldest = 0;
  for (const [position, { index, at }] of arrivals.entries()) {
    while (at - (arrivals[oldest]?.at ?? at) > windowMs) oldest += 1;
    windows.set(position - oldest, (windows.get(position - oldest) ?? 0) + 1);
    const size = sizeOf(index);
    const before = lastSeen.get(size);
    if (before !== undefined && at - before <= windowMs) repeated.push(index);
    lastSeen.set(size, at);
  }
  const sizes = arrivals.map(({ index }) => sizeOf(index));
  return { indexes: repeated, inputTokens: sum(repeated.map(sizeOf)), chance: chanceOf(sizes, windows) };
}

/**
 * In random order each place has a size that n requests have in common with probability n / all, and none of its n − 1 others among the m
 * requests before it with the hypergeometric probability of drawing none of them.
 */
function chanceOf(sizes: readonly number[], windows: ReadonlyMap<number, number>): Repeats['chance'] {
  const others = sizes.length - 1;
  const logFactorial = logFactorials(sizes.length);
  const frequencies = new Map<number, number>();
  for (const size of sizes) frequencies.set(size, (frequencies.get(size) ?? 0) + 1);
  let requests = 0;
  let inputTokens = 0;
  for (const [frequency, alike] of Map.groupBy(frequencies, ([, count]) => count)) {
    // A size that occurs once has nothing to repeat.
    const same = frequency - 1;
    if (same === 0) continue;
    const tokens = sum(alike.map(([size]) => size));
    const log = (count: number): number => logFactorial[count] ?? 0;
    for (const [before, places] of windows) {
      const rest = others - same - before;
      const none = rest < 0 ? 0 : Math.exp(log(others - same) + log(others - before) - log(others) - log(rest));
      const repeats = (places * frequency * (1 - none)) / sizes.length;
      requests += repeats * alike.length;
      inputTokens += repeats * tokens;
    }
  }
  return { requests, inputTokens };
}

function logFactorials(most: number): Float64Array {
  const logs = new Float64Array(most + 1);
  for (let count = 2; count <= most; count += 1) logs[count] = (logs[count - 1] ?? 0) + Math.log(count);
  return logs;
}
