import type { Failure, FailureCode, LedgerRecord, Service, Strikes } from '@reveille/contracts';
import type { FailurePolicy } from './command.ts';
import { mayRetry } from './retry-policy.ts';
import { timing } from './timing.ts';

type Struck = Pick<LedgerRecord, 'strikes'>;

/**
 * How many attempts a generation has. One when the last ones failed: it is the single trial that is let through after their cooldown,
 * whoever waits joins it, and its failure is the next cooldown.
 */
export function attemptsOf(record: Struck, retry: Service['retry']): number {
  return record.strikes === undefined ? retry.attempts : 1;
}

export function isTriedAgain(record: Struck, retry: Service['retry'], attempt: number, code: FailureCode): boolean {
  return mayRetry({ ...retry, attempts: attemptsOf(record, retry) }, attempt, code);
}

/**
 * How long the failure of a generation is remembered, milliseconds: the first one for `cooldownMs`, later ones longer by full jitter
 * over a doubling span (as between attempts), up to the ceiling.
 * @param count failures in a row, this one included
 * @param random uniform in [0, 1)
 */
export function cooldownOf(cooldownMs: number, count: number, random: number): number {
  const ceiling = Math.max(cooldownMs, timing.cooldownCeilingMs.value);
  const longest = Math.min(ceiling, cooldownMs * 2 ** Math.min(count - 1, 30));
  return cooldownMs + Math.floor(random * (longest - cooldownMs));
}

/** What a record says once its generation has failed: the failure, when it may be tried again, and one more strike. */
export function struckOut(
  record: Struck,
  failure: Failure,
  policy: FailurePolicy,
  at: { now: number; loop: boolean },
): { failure: Failure; cooldownUntil: number; strikes: Strikes; attendInMs: number } {
  const count = (record.strikes?.count ?? 0) + 1;
  const cooldownMs = cooldownOf(policy.cooldownMs, count, policy.random);
  const cooldownUntil = at.now + cooldownMs;
  return {
    failure: { ...failure, retryAfterMs: cooldownMs },
    cooldownUntil,
    strikes: { count, until: cooldownUntil + timing.strikeMemoryMs.value, loop: at.loop },
    attendInMs: cooldownMs + timing.sweepMs.value,
  };
}

/** The strikes that a new generation begins with: those that are still remembered. */
export function remembered({ strikes }: Struck, now: number): Struck {
  return strikes === undefined || strikes.until <= now ? {} : { strikes };
}

/** The strikes of a generation that is ready: of starts that failed there are none left, a crash loop has to prove that it is over. */
export function afterReady({ strikes }: Struck): Struck {
  return strikes?.loop ? { strikes } : {};
}

/** Ready for longer than the stability window: whatever failed before is over. */
export function provedStable(record: Pick<LedgerRecord, 'timings'>, now: number): boolean {
  const { readyAt } = record.timings;
  return readyAt !== undefined && now - readyAt >= timing.stabilityWindowMs.value;
}
