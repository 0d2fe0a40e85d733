import type { UsageTable } from '../table/usage-table.ts';
import { quantile } from './quantiles.ts';
import { timeOrder } from './time-order.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WIDTHS = [
  SECOND,
  5 * SECOND,
  15 * SECOND,
  30 * SECOND,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  7 * DAY,
  30 * DAY,
  365 * DAY,
];

export interface Bucket {
  from: number;
  indexes: number[];
}

export interface Buckets {
  widthMs: number;
  first: number;
  last: number;
  /** Without gaps from the first to the last request; starts are multiples of the width since 1970 (UTC). */
  buckets: Bucket[];
}

/** The times of a table, earliest first, and how far apart they usually are. */
export interface Times {
  ordered: { index: number; at: number }[];
  /** The median gap between distinct times; 0 when there is none. */
  usualGapMs: number;
}

export function timesOf(table: UsageTable): Times {
  const ordered = timeOrder(table);
  const gaps = Float64Array.from(ordered, ({ at }, place) => at - (ordered[place - 1]?.at ?? at)).filter(
    (gap) => gap > 0,
  );
  return { ordered, usualGapMs: gaps.length === 0 ? 0 : quantile(gaps.sort(), 0.5) };
}

/**
 * Cuts the time span into at most `most` buckets of a round width, or of `widthMs` when that does not exceed `most` either. Never finer than
 * the usual gap: cut into hours, a table with one row a day would be empty for 23 of 24, and its peaks would be those of the cut.
 */
export function bucketsOf(table: UsageTable, most: number, widthMs?: number): Buckets | undefined {
  return cutTimes(timesOf(table), most, widthMs);
}

export function cutTimes({ ordered, usualGapMs }: Times, most: number, widthMs?: number): Buckets | undefined {
  const first = ordered[0]?.at;
  const last = ordered.at(-1)?.at;
  if (first === undefined || last === undefined) return undefined;
  const countWith = (width: number): number => Math.floor(last / width) - Math.floor(first / width) + 1;
  const fitting = (width: number): boolean => width >= usualGapMs && countWith(width) <= most;
  const asked = widthMs === undefined ? [] : [widthMs];
  const width = [...asked, ...WIDTHS].find(fitting) ?? Math.ceil((last - first) / Math.max(1, most - 1));
  const start = Math.floor(first / width);
  const buckets = Array.from({ length: countWith(width) }, (_, offset): Bucket => ({
    from: (start + offset) * width,
    indexes: [],
  }));
  for (const { index, at } of ordered) buckets[Math.floor(at / width) - start]?.indexes.push(index);
  return { widthMs: width, first, last, buckets };
}
