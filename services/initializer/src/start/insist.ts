import { sleep } from '@reveille/lifecycle';
import { BrokerUnavailable } from '@reveille/orchestration';
import type { LeaseKeeper } from './lease-keeper.ts';

/** Pause between two tries, milliseconds. */
const pauseMs = 200;

/**
 * Does a work of the ledger, again and again while the ledger is away, for as long as the claim is trusted: an outage of a second
 * is no reason to kill what has just become ready. The work must be one that may be done twice, since an answer can get lost.
 * @throws LeaseLost when trust ends first.
 */
export async function insist<T>(keeper: LeaseKeeper, work: () => Promise<T>): Promise<T> {
  for (;;) {
    keeper.lost.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof BrokerUnavailable)) throw error;
      await sleep(pauseMs, keeper.lost);
    }
  }
}
