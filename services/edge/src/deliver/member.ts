import type { LedgerRecord } from '@reveille/contracts';
import type { Audience, Prepared } from './encoded.ts';
import type { ToldEnds } from './told-ends.ts';

/** A session as its plan sees it. */
export interface Member {
  readonly audience: Audience;
  /** Of the initializations that it waited in. */
  readonly toldEnds: ToldEnds;
  /** Frames that belong together, mostly for all who wait. */
  tell(frames: Prepared): void;
  /** The wait is over: the plan is ready, or failed. */
  settled(): void;
  /** The record of the instance that answers the session changed. */
  targetChanged(record: LedgerRecord): void;
}
