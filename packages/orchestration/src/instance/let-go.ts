import type { LedgerRecord } from '@reveille/contracts';

/**
 * Whether something that waits or is queued may run all the same: its initializer was shut down and left it to the next one. What
 * lives on a host was ended with it, and so was what a failed attempt had started.
 */
export function wasLetGo({ state, intent, host, notBefore }: LedgerRecord): boolean {
  const isOnItsWay = state === 'waiting' || state === 'queued';
  return isOnItsWay && intent !== undefined && host === undefined && notBefore === undefined;
}
