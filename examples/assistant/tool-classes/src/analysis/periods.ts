import type { UsageTable } from '../table/usage-table.ts';
import { MOST_PERIODS, seasonsWithin, type Season } from './period-model.ts';
import { cutTimes, timesOf, type Buckets } from './time-buckets.ts';

/** Periods aimed at where there is no season: an hour becomes minutes. */
const USUAL_PERIODS = 120;
/** Fewer periods than this have no usual value to differ from. */
export const MIN_PERIODS = 8;

/** The periods of a table that can be compared with each other, or why there are none. */
export type Periods =
  | {
      cut: Buckets;
      season?: Season;
      /** The span holds a season, which cannot be seen in rows that come so seldom. */ sparse: boolean;
    }
  | { none: 'no times' | 'too few' | 'mostly empty' };

/**
 * The finest season that the table holds often enough, else periods of a round width. Where more than half of the periods are empty nothing is the
 * usual: then they are cut wider, as long as enough of them are left.
 */
export function periodsOf(table: UsageTable): Periods {
  const times = timesOf(table);
  const usual = cutTimes(times, USUAL_PERIODS);
  if (usual === undefined) return { none: 'no times' };
  const seasons = seasonsWithin(usual.last - usual.first);
  for (const season of seasons) {
    // The first and last period, which the data may cover only in part, come on top.
    const cut = cutTimes(times, MOST_PERIODS + 2, season.widthMs);
    if (cut?.widthMs === season.widthMs && !isMostlyEmpty(cut)) return { cut, season, sparse: false };
  }
  const sparse = seasons.length > 0;
  for (let most = USUAL_PERIODS; most >= MIN_PERIODS; most = Math.floor(most / 2)) {
    const cut = cutTimes(times, most);
    if (cut === undefined || cut.buckets.length < MIN_PERIODS) break;
    if (!isMostlyEmpty(cut)) return { cut, sparse };
  }
  return { none: usual.buckets.length < MIN_PERIODS ? 'too few' : 'mostly empty' };
}

function isMostlyEmpty({ buckets }: Buckets): boolean {
  return buckets.filter(({ indexes }) => indexes.length === 0).length > buckets.length / 2;
}
