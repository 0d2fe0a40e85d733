import type { Telling } from '@reveille/orchestration';
import type { GroupParts } from './group-parts.ts';
import type { Initialization } from './initialization.ts';

/** What frames of this initialization say beside what they are about. */
export function tellingOf(
  { id, traceId, startedAt }: Initialization,
  deadlineMs: number,
  { clock, expectations, positions }: GroupParts,
): Telling {
  return {
    initialization: id,
    ...{ traceId, startedAt, now: clock.now(), deadlineMs },
    expectedMs: expectations.expectedMs,
    position: positions.of,
  };
}
