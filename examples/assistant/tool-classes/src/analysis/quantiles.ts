import type { Quantiles } from '../results/figures.ts';
import { sum, tidy } from './sum.ts';

export const QUANTILE_METHOD = 'quantiles by linear interpolation between order statistics (type 7 of Hyndman and Fan)';

/** Quantile of an ascending, non-empty list; `p` from 0 to 1. */
export function quantile(ascending: Float64Array, p: number): number {
  const position = (ascending.length - 1) * p;
  const below = Math.floor(position);
  const low = ascending[below];
  const high = ascending[Math.ceil(position)];
  if (low === undefined || high === undefined) throw new Error('a quantile needs at least one value');
  return low + (high - low) * (position - below);
}

export function quantilesOf(values: Float64Array): Quantiles {
  const ascending = Float64Array.from(values).sort();
  const at = (p: number): number => tidy(quantile(ascending, p));
  return {
    min: at(0),
    p25: at(0.25),
    p50: at(0.5),
    p75: at(0.75),
    p90: at(0.9),
    p99: at(0.99),
    max: at(1),
    mean: tidy(sum(values) / values.length),
  };
}
