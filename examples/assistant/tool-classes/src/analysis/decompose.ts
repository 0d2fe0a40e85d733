import { quantile } from './quantiles.ts';

/** A series cut into its usual course and what is left: value = trend + seasonal + remainder at each place. */
export interface Decomposition {
  trend: Float64Array;
  seasonal: Float64Array;
  remainder: Float64Array;
}

/** Passes over the series. Each one takes the trend without the season and the season without the trend; a second one settles both. */
const PASSES = 2;

/**
 * Seasonal decomposition by medians: the classical additive one (Macaulay's moving average and seasonal means; see Hyndman and Athanasopoulos,
 * "Forecasting: Principles and Practice", 3.4) with medians in the places of means, as robust as the loess of STL (Cleveland and others,
 * 1990) against single outliers. The trend is the median of a whole cycle around each place, the season the median of what is left at the same
 * place of all cycles, brought to a median of 0. Needs at least two whole cycles.
 *
 * @param values one for each period, without gaps
 * @param cycle periods after which the course repeats itself
 */
export function decompose(values: Float64Array, cycle: number): Decomposition {
  if (cycle < 2 || values.length < 2 * cycle) throw new Error('a decomposition needs two whole cycles');
  let seasonal: Float64Array = new Float64Array(values.length);
  let trend: Float64Array = new Float64Array(values.length);
  for (let pass = 0; pass < PASSES; pass += 1) {
    trend = movingMedian(
      values.map((value, index) => value - (seasonal[index] ?? 0)),
      cycle,
    );
    seasonal = seasonOf(
      values.map((value, index) => value - (trend[index] ?? 0)),
      cycle,
    );
  }
  const remainder = values.map((value, index) => value - (trend[index] ?? 0) - (seasonal[index] ?? 0));
  return { trend, seasonal, remainder };
}

/** Medians over one cycle around each place; at the ends the window stays whole and stands still. */
function movingMedian(values: Float64Array, cycle: number): Float64Array {
  const width = cycle + (cycle % 2 === 0 ? 1 : 0);
  return values.map((_, index) => {
    const from = Math.max(0, Math.min(index - (width - 1) / 2, values.length - width));
    return quantile(values.slice(from, from + width).sort(), 0.5);
  });
}

function seasonOf(detrended: Float64Array, cycle: number): Float64Array {
  const usual = Float64Array.from({ length: cycle }, (_, place) =>
    quantile(detrended.filter((_value, index) => index % cycle === place).sort(), 0.5),
  );
  const middle = quantile(Float64Array.from(usual).sort(), 0.5);
  return detrended.map((_, index) => (usual[index % cycle] ?? 0) - middle);
}
