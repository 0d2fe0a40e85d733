import type { Missing } from '../results/figures.ts';
import { quote } from '../table/refusal.ts';
import type { UsageTable } from '../table/usage-table.ts';

/** What no result can say where rows sum up several requests: how large single ones are, when they came, and whether they are alike. */
export function missingSingles({ summedBy }: Pick<UsageTable, 'summedBy'>): Missing {
  if (summedBy === undefined) return [];
  const why = `by the column ${quote(summedBy)} rows sum up several requests, so nothing is said about the sizes and times of single ones`;
  return [{ what: 'one row per request', why }];
}
