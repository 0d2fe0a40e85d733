import { startJob } from '@reveille/contracts';
import type { Command } from '@reveille/orchestration';
import { createMetrics, newTraceparent } from '@reveille/telemetry';
import { expect, test } from 'vitest';
import type { Applied } from '../src/reconcile/apply.ts';
import type { Hint } from '../src/reconcile/looks.ts';
import { Starter } from '../src/start/starter.ts';
import { ClaimedStart, db, identity, logger, spec } from './claimed-start.ts';

/** A starter whose claims are answered as given, one after the other. Counts them, and the reconciliations afterwards. */
async function answering(...answers: Applied[]) {
  return (await started(answers)).counted;
}

/** @param isLooked whether it is started by who has just looked at it, and not by a job of the queue */
async function started(answers: Applied[], isLooked = false) {
  await using start = await ClaimedStart.make();
  await start.commit({ kind: 'let_go', epoch: start.record.epoch });
  const reading = await start.reading();
  const { generation } = start.record;
  const counted = { claims: 0, reconciled: 0 };
  let hint: Hint | undefined;
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
    reconcile: async (_: unknown, given: Hint) => void ([counted.reconciled, hint] = [counted.reconciled + 1, given]),
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
  const job = startJob.parse({ version: 1, kind: 'start', instance: db, generation, attempt: 1, origin });
  await starter.run(job, isLooked ? (looked as never) : undefined);
  return { counted, hint };
}

const origin = { initialization: 'i', traceparent: newTraceparent() };
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

test('a start that was looked at and lost its claim is looked at again for the same initialization, which nothing says yet', async () => {
  expect((await started([conflict, { applied: false, refused: 'state' }], true)).hint).toEqual({ origin });
  // A job of the queue is older than what is in the ledger.
  expect((await started([{ applied: false, refused: 'state' }])).hint).toEqual({});
});
