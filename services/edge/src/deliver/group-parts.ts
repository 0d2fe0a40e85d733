import type { Entrypoint, Origin, ReconcileJob } from '@reveille/contracts';
import type { Plan, PlannedInstance } from '@reveille/orchestration';
import type { RunNotes } from '../note/run-notes.ts';
import type { Expectations } from '../want/expectations.ts';
import type { Interest } from '../want/interest.ts';
import type { LedgerClock } from '../want/ledger-clock.ts';
import type { SeenGenerations } from '../want/seen-generations.ts';
import type { LinePositions } from './line-positions.ts';
import type { Talks } from './talks.ts';

/** What a group needs of its edge. */
export type GroupParts = {
  readonly clock: LedgerClock;
  readonly seen: SeenGenerations;
  readonly expectations: Expectations;
  readonly interest: Interest;
  readonly positions: LinePositions;
  readonly notes: RunNotes;
  readonly talks: Talks;
  /** A reading younger than this is fresh enough for one more user. */
  readonly freshMs: number;
  readonly slowEveryMs: number;
  /** Whether an operator has closed this entrypoint. */
  isPaused(entrypoint: string): boolean;
  /** Adds wake-ups in the background. */
  wake(instances: readonly PlannedInstance[], reason: ReconcileJob['reason'], origin?: Origin): void;
};

export type GroupOf = { readonly plan: Plan; readonly entrypoint: Entrypoint; readonly name: string };
