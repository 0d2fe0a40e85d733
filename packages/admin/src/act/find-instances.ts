import type { InstanceKey, ReconcileJob } from '@reveille/contracts';
import type { Ledger, Reading } from '@reveille/orchestration';

/** Instances per round trip. */
const pageSize = 200;

/** Every instance that has a record and is one of those meant, in pages. */
export async function findInstances(ledger: Ledger, isMeant: (reading: Reading) => boolean): Promise<Reading[]> {
  const found: Reading[] = [];
  let page: InstanceKey[] = [];
  const flush = async (): Promise<void> => {
    if (page.length > 0) found.push(...(await ledger.read(page)).filter(isMeant));
    page = [];
  };
  for await (const instance of ledger.list()) {
    page.push(instance);
    if (page.length === pageSize) await flush();
  }
  await flush();
  return found;
}

/** Somebody should look at these now: a lost one of these is repaired by the sweep. */
export function wakeUpsFor(instances: readonly Pick<ReconcileJob, 'instance' | 'service' | 'scope'>[]): ReconcileJob[] {
  return instances.map(({ instance, service, scope }) => ({
    version: 1,
    kind: 'reconcile',
    instance,
    service,
    scope,
    reason: 'requested',
  }));
}
