import { interval } from '@reveille/lifecycle';
import { type Ledger, timing } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import type { Reconciler } from './reconciler.ts';

/** Instances looked at per partition and sweep; what is left has its turn a second later. */
const perPartition = 100;
/** By what part a sweep may come early or late, so that initializers that were started together do not sweep together. */
export const sweepJitter = 0.2;

/** Repairs every half-done step: a lost or doubled wake-up is harmless because of this. */
export function startSweep(of: { ledger: Ledger; reconciler: Reconciler; logger: Logger }): AsyncDisposable {
  const sweep = async (signal: AbortSignal): Promise<void> => {
    for (let partition = 0; partition < of.ledger.partitions && !signal.aborted; partition++)
      of.reconciler.wake(await of.ledger.due(partition, perPartition));
  };
  return interval(timing.sweepMs.value, sweep, {
    jitter: sweepJitter,
    onError: (error) => of.logger.warn({ err: error }, 'a sweep was cut short'),
  });
}
