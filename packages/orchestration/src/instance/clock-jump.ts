import type { LedgerRecord } from '@reveille/contracts';

/** What was written down later than now by more than this comes from before the clock went back, milliseconds. */
const aheadMs = 5000;

/** Whether a failed instance still has its cooldown. One that began after now is over: the clock of Redis has gone back since. */
export function coolsDown({ state, cooldownUntil = 0, timings }: LedgerRecord, now: number): boolean {
  return state === 'failed' && cooldownUntil > now && (timings.endedAt ?? 0) <= now + aheadMs;
}

/** How long a queued start still has to wait for its back-off, milliseconds; not at all if its last attempt was claimed after now. */
export function backoffLeftMs({ notBefore = 0, timings }: LedgerRecord, now: number): number {
  return (timings.claimedAt ?? 0) > now + aheadMs ? 0 : Math.max(0, notBefore - now);
}
