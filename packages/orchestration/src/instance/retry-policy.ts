import { type FailureCode, failureCodes, type Service } from '@reveille/contracts';

/**
 * Wait before the next attempt: full jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015) over a doubling, capped back-off.
 * @param attempt the attempt that failed, from 1
 * @param random uniform in [0, 1)
 */
export function backoffMs(retry: Service['retry'], attempt: number, random: number): number {
  const ceiling = Math.min(retry.maxBackoffMs, retry.backoffMs * 2 ** Math.min(attempt - 1, 30));
  return Math.floor(random * ceiling);
}

/** Is another attempt worth it? A failure that only a change can mend is final at once. */
export function mayRetry(retry: Service['retry'], attempt: number, code: FailureCode): boolean {
  return attempt < retry.attempts && failureCodes[code].retryable;
}
