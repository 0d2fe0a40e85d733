import type { InstanceKey, LedgerRecord } from '@reveille/contracts';
import type { Reading } from '@reveille/orchestration';
import { expect, test } from 'vitest';
import { handOver } from '../src/stop/hand-over.ts';

const record = (name: string, needs: string[], host: string | undefined = 'here') =>
  ({ instance: name as InstanceKey, dependencies: needs, state: 'ready', generation: 1, host }) as LedgerRecord;

/** Stops that last a turn each, and may conflict at first. */
function world(records: LedgerRecord[], conflicts: Record<string, number> = {}) {
  const said: string[] = [];
  const ready = new Map(records.map((one) => [one.instance, one]));
  return {
    said,
    watcher: { watched: () => records.map((one) => ({ record: one, subject: {} as never })) },
    ledger: {
      read: async (instances: readonly InstanceKey[]) =>
        instances.map((instance) => ({ instance, record: ready.get(instance) }) as Reading),
    },
    stopper: {
      async stop({ instance }: Reading) {
        said.push(`stop ${instance}`);
        await Promise.resolve();
        const left = conflicts[instance] ?? 0;
        conflicts[instance] = left - 1;
        if (left > 0) return;
        ready.delete(instance);
        said.push(`stopped ${instance}`);
      },
    },
  };
}

test('dependents are stopped before what they run on, and what outlives the initializer is left alone', async () => {
  const parts = world([
    record('db', []),
    record('tools', ['db']),
    record('app', ['tools', 'db']),
    { ...record('container', []), host: undefined } as never,
  ]);
  await handOver(parts);
  expect(parts.said).toEqual(['stop app', 'stopped app', 'stop tools', 'stopped tools', 'stop db', 'stopped db']);
});

test('somebody who joins at that moment does not keep it from being said to be stopped', async () => {
  const parts = world([record('db', [])], { db: 1 });
  await handOver(parts);
  expect(parts.said).toEqual(['stop db', 'stop db', 'stopped db']);
});
