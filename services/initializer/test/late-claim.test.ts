import { createSecretKey } from 'node:crypto';
import { startJob } from '@reveille/contracts';
import { decide, DriverError, timing } from '@reveille/orchestration';
import { createMetrics } from '@reveille/telemetry';
import { afterEach, expect, test, vi } from 'vitest';
import { Starter } from '../src/start/starter.ts';
import { ClaimedStart, db, identity, logger, spec } from './claimed-start.ts';

const trustMs = timing.leaseTtlMs.value - timing.trustMarginMs.value;
const realNow = performance.now.bind(performance);

afterEach(() => void vi.restoreAllMocks());

/** A driver that fails whatever it is asked for, and remembers that it was. */
function failingDriver() {
  const asked: string[] = [];
  const fail = (what: string) => async () => {
    asked.push(what);
    throw new DriverError('driver_error', 'the end of this test');
  };
  return { asked, driver: { adopt: fail('adopt'), start: fail('start'), stop: async () => ({ stopped: true }) } };
}

/** Takes the start as `owner`, as it is in the ledger. `onClaimed` happens between the claim and what is done with it. */
async function take(start: ClaimedStart, { owner, onClaimed }: { owner: string; onClaimed: () => void }) {
  const { asked, driver } = failingDriver();
  const reading = await start.reading();
  const situation = { reading, dependencies: [], former: [], identity, spec, origin: undefined };
  const decision = decide({ ...situation, self: { owner, host: 'here' }, aliveHosts: new Set(['here']) });
  const attempt = decision.next === 'enqueue_start' ? decision.attempt : 0;
  const looked = { reading, dependencies: [], subject: { identity, spec, name: 'Db', dependencies: [] }, decision };
  const { commands } = start;
  const reconciler = {
    places: { reserve: async () => ({ reserved: true }), hold: () => undefined },
    pauses: new Set(),
    reconcile: async () => undefined,
    commands: {
      apply: commands.apply.bind(commands),
      applyFrom: commands.applyFrom.bind(commands),
      applyTo: async (...of: Parameters<typeof commands.applyTo>) => {
        const applied = await commands.applyTo(...of);
        onClaimed();
        return applied;
      },
    },
  };
  const parts = {
    ...{
      broker: start.broker,
      reconciler,
      owner,
      logger,
      metrics: createMetrics(),
      rootSecret: createSecretKey(Buffer.alloc(32)),
    },
    ...{ hosts: { ownHost: () => 'here' }, edgeKey: 'key', driverOf: () => driver, catalog: () => ({ dir: '/' }) },
    reports: { url: () => 'http://here', token: () => 't', listenTo: () => ({ [Symbol.dispose]: () => undefined }) },
  };
  await using starter = new Starter(parts as never);
  const { generation } = start.record;
  const job = startJob.parse({ version: 1, kind: 'start', instance: db, generation, attempt });
  await starter.run(job, looked as never);
  return asked;
}

test('a claim that ran out before the start began is not acted on, and the start goes on elsewhere', async () => {
  await using start = await ClaimedStart.make();
  await start.commit({ kind: 'let_go', epoch: start.record.epoch });
  const asleep = () => void vi.spyOn(performance, 'now').mockImplementation(() => realNow() + trustMs);

  expect(await take(start, { owner: 'sleeper', onClaimed: asleep })).toEqual([]);
  const left = await start.reading();
  expect(left.record).toMatchObject({ state: 'starting', owner: 'sleeper', attempt: 1 });

  start.broker.advance(timing.leaseTtlMs.value);
  expect(await take(start, { owner: 'other', onClaimed: () => undefined })).toEqual(['adopt']);
  // Its attempt, the second, has come to its own end.
  expect((await start.reading()).record).toMatchObject({ state: 'queued', attempt: 2 });
});
