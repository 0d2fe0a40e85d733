import type { Breakdown, Row } from '../measure/figure.ts';
import type { Machine } from './machine.ts';

/** One run of the harness, as `bench/results/latest.json` keeps it. */
export type Result = {
  /** Day of the run, ISO 8601. */
  readonly at: string;
  readonly tookMs: number;
  readonly machine: Machine;
  readonly rows: readonly Row[];
  readonly breakdowns: readonly Breakdown[];
  readonly notes: readonly string[];
};
