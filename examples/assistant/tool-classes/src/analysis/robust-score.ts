import { quantile } from './quantiles.ts';
import { sum } from './sum.ts';

/** Scores beyond this are called unusual; with the scaling below, as recommended by Iglewicz and Hoaglin (1993). */
export const THRESHOLD = 3.5;

/** For normal data the median absolute deviation is 0.6745 and the mean absolute deviation 0.7979 standard deviations. */
const MAD_SCALE = 0.6745;
const MEAN_AD_SCALE = 0.7979;

export interface Spread {
  median: number;
  scale: number;
  scaleOf: 'median absolute deviation' | 'mean absolute deviation' | 'none';
  /** Signed distance from the median in robust standard deviations; 0 throughout when all values are the same. */
  score: (value: number) => number;
}

/**
 * Centre and spread that a few extreme values cannot move. When more than half of the values are equal the median deviation is 0
 * and would call every other value infinitely unusual: then the mean deviation takes its place.
 */
export function robustSpread(values: Float64Array): Spread {
  const median = quantile(Float64Array.from(values).sort(), 0.5);
  const deviations = values.map((value) => Math.abs(value - median)).sort();
  const mad = quantile(deviations, 0.5);
  if (mad > 0) {
    return {
      median,
      scale: mad,
      scaleOf: 'median absolute deviation',
      score: (value) => (MAD_SCALE * (value - median)) / mad,
    };
  }
  const meanAd = sum(deviations) / deviations.length;
  if (meanAd > 0) {
    const score = (value: number): number => (MEAN_AD_SCALE * (value - median)) / meanAd;
    return { median, scale: meanAd, scaleOf: 'mean absolute deviation', score };
  }
  return { median, scale: 0, scaleOf: 'none', score: () => 0 };
}
