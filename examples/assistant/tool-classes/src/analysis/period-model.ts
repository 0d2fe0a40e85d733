import { decompose } from './decompose.ts';
import { robustSpread, type Spread } from './robust-score.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Periods that are looked at in a season: 10 weeks of hours, or as many days. */
export const MOST_PERIODS = 24 * 7 * 10;
/** Cycles that a season must have been seen for; in two, one strange day would count as half of the usual. */
const MIN_CYCLES = 3;

/** Courses that use of software follows, the finest first. */
const SEASONS = [
  { name: 'hour of week', widthMs: HOUR, cycle: 24 * 7 },
  { name: 'hour of day', widthMs: HOUR, cycle: 24 },
  { name: 'day of week', widthMs: DAY, cycle: 7 },
] as const;
export type Season = (typeof SEASONS)[number];

/** What a period was expected to be, and how far from it the value is. */
export interface PeriodModel {
  spread: Spread;
  /** Absent without a season: then the median is what is expected everywhere. */
  expected?: Float64Array;
  score(index: number): number;
}

/** The seasons that a time span holds often enough, the finest first. */
export function seasonsWithin(spanMs: number): Season[] {
  return SEASONS.filter(({ widthMs, cycle }) => {
    const wholePeriods = Math.floor(spanMs / widthMs) - 1;
    return wholePeriods >= MIN_CYCLES * cycle && wholePeriods <= MOST_PERIODS;
  });
}

/** By seasonal decomposition: the robust z-score of what trend and season leave. */
export function seasonalModel(values: Float64Array, cycle: number): PeriodModel {
  const { trend, seasonal, remainder } = decompose(values, cycle);
  const spread = robustSpread(remainder);
  return {
    spread,
    expected: trend.map((value, index) => value + (seasonal[index] ?? 0)),
    score: (index) => spread.score(remainder[index] ?? 0),
  };
}

/** The robust z-score of the values as they are. */
export function plainModel(values: Float64Array): PeriodModel {
  const spread = robustSpread(values);
  return { spread, score: (index) => spread.score(values[index] ?? 0) };
}
