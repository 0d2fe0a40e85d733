import { startJob } from '@reveille/contracts';
import type { Command } from '@reveille/orchestration';
import { createMetrics } from '@reveille/telemetry';
import { expect, test } from 'vitest';
import type { Applied } from '../src/reconcile/apply.ts';
import { Starter } from '../src/start/starter.ts';
import { ClaimedStart, db, identity, logger, spec } from './claimed-start.ts';

/** A starter whose claims are answered as given, one after the other. Counts them, and the reconciliations afterwards. */
async function answering(...answers: Applied[]) {
  await using start = await ClaimedStart.make();
  await start.commit({ kind: 'let_go', epoch: start.record.epoch });
  const reading = await start.reading();
  const { generation } = start.record;
  const counted = { claims: 0, reconciled: 0 };
  const looked = {
    reading,
    dependencies: [],
    subject: { identity, spec, name: 'Db', dependencies: [] },
    decision: { next: 'enqueue_start', attempt: 1, delayMs: 0 },
    origin: undefined,
  };
  const reconciler = {
    places: { reserve: async () => ({ reserved: true }) },
    situation: async () => looked,
    reconcile: async () => void (counted.reconciled += 1),
    commands: {
      applyTo: async (_: unknown, { kind }: Command) => {
        expect(kind).toBe('claim');
        counted.claims += 1;
        return answers.shift() ?? { applied: false, refused: 'conflict' };
      },
    },
  };
  const hosts = { ownHost: () => 'here' };
  const parts = { reconciler, hosts, owner: 'me', logger, metrics: createMetrics() };
  await using starter = new Starter(parts as never);
  const job = startJob.parse({ version: 1, kind: 'start', instance: db, generation, attempt: 1 });
  await starter.run(job);
  return counted;
}

const conflict: Applied = { applied: false, refused: 'conflict' };

test('a claim that met somebody who joined meanwhile is decided anew at once', async () => {
  expect(await answering(conflict, conflict, { applied: false, refused: 'lease_held' })).toEqual({
    claims: 3,
    reconciled: 1,
  });
});

test('a claim that is refused is not tried again', async () => {
  expect(await answering({ applied: false, refused: 'lease_held' })).toEqual({ claims: 1, reconciled: 1 });
});

test('a record that never holds still is left to the sweep', async () => {
  const { claims, reconciled } = await answering();
  expect(claims).toBe(10);
  expect(reconciled).toBe(1);
});
