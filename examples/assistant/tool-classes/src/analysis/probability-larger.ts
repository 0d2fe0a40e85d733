import { tidy } from './sum.ts';

/** Probability that one of `these` is larger than one of `those`, ties counted half: the area under the curve of Mann and Whitney. */
export function probabilityLarger(these: Float64Array, those: Float64Array): number {
  const [mine, others] = [Float64Array.from(these).sort(), Float64Array.from(those).sort()];
  let below = 0;
  let upTo = 0;
  let wins = 0;
  for (const value of mine) {
    while ((others[below] ?? Infinity) < value) below += 1;
    while ((others[upTo] ?? Infinity) <= value) upTo += 1;
    wins += below + (upTo - below) / 2;
  }
  return tidy(wins / (mine.length * others.length));
}
