import type { LedgerRecord } from '@reveille/contracts';
import { sleep } from '@reveille/lifecycle';
import { expect, test } from 'vitest';
import { World } from './world.ts';

/** What an edge does that could not reach it. */
async function suspect(world: World): Promise<void> {
  const [named] = (await world.plan('db')).instances;
  if (named === undefined) throw new Error('the plan is empty');
  const { instance, service, scope } = named;
  await world.broker.wakeUps.reconcile([
    { version: 1, kind: 'reconcile', instance, service, scope, reason: 'suspect' },
  ]);
}

/** Its probe would not look within the time of a test. */
const rarely = '  db: { start: { RUN }, live: { http: { path: / }, everyMs: 600000, timeoutMs: 100 } }';

test('a service that is silent under suspicion is left alone: its liveness probe decides', async () => {
  await using world = await World.create(rarely);
  await world.initializer();
  await world.wake('db');
  const ready = await world.until('db', 'ready');
  const pid = (await world.starts('db'))[0]?.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  await suspect(world);
  // Above the time that three looks and their pauses take.
  await sleep(1500);
  process.kill(pid, 'SIGCONT');
  await suspect(world);
  await sleep(300);
  expect(await world.record('db')).toMatchObject({ state: 'ready', generation: ready.generation });
  expect(await world.starts('db')).toHaveLength(1);
});

test('a service at whose port nothing listens any more is lost at once under suspicion, and started anew', async () => {
  await using world = await World.create(rarely);
  await world.initializer();
  await world.wake('db');
  const ready = await world.until('db', 'ready');
  process.kill((await world.starts('db'))[0]?.pid ?? 0, 'SIGUSR2');
  for (let isDeaf = false; !isDeaf; await sleep(10))
    isDeaf = (await world.history()).some(({ what }) => what === 'deaf');
  // As an edge does, with each try to connect: one that comes while another job of the instance is handled is not added.
  const again = setInterval(() => void suspect(world), 500);
  const isNext = (record?: LedgerRecord) => record?.state === 'ready' && record.generation > ready.generation;
  const next = await world.until('db', isNext).finally(() => clearInterval(again));
  expect(next.failure).toBeUndefined();
  expect(await world.starts('db')).toHaveLength(2);
});

test('a frozen service is lost by its liveness probe, and started anew', async () => {
  await using world = await World.create(
    '  db: { start: { RUN }, live: { http: { path: / }, everyMs: 100, timeoutMs: 1000, failures: 2 }, stop: { graceMs: 100 } }',
  );
  await world.initializer();
  await world.wake('db');
  const ready = await world.until('db', 'ready');
  process.kill((await world.starts('db'))[0]?.pid ?? 0, 'SIGSTOP');
  await world.until('db', (record) => record?.state === 'ready' && record.generation > ready.generation);
  expect(await world.starts('db')).toHaveLength(2);
});
