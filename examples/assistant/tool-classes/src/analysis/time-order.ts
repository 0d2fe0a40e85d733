import type { UsageTable } from '../table/usage-table.ts';

/** Indexes of the rows that have a time, earliest first; files need not be sorted. */
export function timeOrder(table: UsageTable): { index: number; at: number }[] {
  if (table.time === undefined) return [];
  return Array.from(table.time, (at, index) => ({ index, at }))
    .filter(({ at }) => !Number.isNaN(at))
    .sort((a, b) => a.at - b.at || a.index - b.index);
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
