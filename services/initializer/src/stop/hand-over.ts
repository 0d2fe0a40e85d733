import type { Ledger } from '@reveille/orchestration';
import type { Watcher } from '../watch/watcher.ts';
import type { Stopper } from './stopper.ts';

/**
 * Before an initializer ends: what cannot outlive it is stopped and said to be stopped, so that others start it again at once
 * instead of finding it dead. What outlives it is left alone; its watch runs out and is taken by another.
 */
export async function handOver(of: { watcher: Watcher; stopper: Stopper; ledger: Ledger }): Promise<void> {
  const bound = of.watcher.watched().filter(({ record }) => record.host !== undefined);
  if (bound.length === 0) return;
  const readings = await of.ledger.read(bound.map(({ record }) => record.instance));
  await Promise.all(
    bound.map(async ({ record, subject }, index) => {
      const reading = readings[index];
      if (reading?.record?.state === 'ready' && reading.record.generation === record.generation)
        await of.stopper.stop(reading, subject, 'requested');
    }),
  );
}
