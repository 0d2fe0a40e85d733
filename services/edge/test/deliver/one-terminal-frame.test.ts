import { sleep } from '@reveille/lifecycle';
import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import type { Client } from '../harness/client.ts';
import { World } from '../harness/world.ts';

function terminals(client: Client): number {
  return client.types().filter((type) => type === 'initialization_completed' || type === 'initialization_failed')
    .length;
}

test('each of many users gets exactly one terminal frame when the broker dies in the middle, by the timer of the edge', async () => {
  await using world = await World.create({
    on: 'memory',
    catalog: chatCatalog({ deadlineMs: 1_500, limits: { connectionsPerUser: 100 } }),
    timings: { rereadMs: 50, leaseMs: 300 },
  });
  const broker = world.memory!.another();
  const edge = await world.edge({}, broker);
  const beganAt = performance.now();
  const users = await Promise.all(Array.from({ length: 25 }, () => world.user(edge)));
  await Promise.all(users.map((user) => user.next('initialization_started')));
  broker.cutOff();
  await Promise.all(users.map((user) => user.next('initialization_failed')));
  expect(performance.now() - beganAt).toBeLessThan(1_500 + 5_000);
  expect(users.map(terminals)).toEqual(users.map(() => 1));
  const codes = new Set(users.flatMap((user) => user.of('initialization_failed').map(({ failure }) => failure.code)));
  expect([...codes]).toEqual(['deadline_exceeded']);
});

test('a failure that is told twice by the ledger is one terminal frame to each user', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const edge = await world.edge();
  const users = await Promise.all(['ada', 'bob', 'cleo'].map((name) => world.user(edge, name)));
  await Promise.all(users.map((user) => user.next('initialization_started')));
  await world.waiting('store');
  const record = await world.failed('store', { cooldownMs: 60_000 });
  const entry = { version: 1, change: 'failed', at: Date.now(), record } as const;
  await world.broker.router.publish(edge.id, [entry, entry]);
  await world.failed('agent', { cooldownMs: 60_000 });
  for (const user of users) {
    await user.next('initialization_failed');
    user.say({ type: 'nonsense' });
    await user.next('error');
  }
  expect(users.map(terminals)).toEqual([1, 1, 1]);
});

test('who tries again while others still wait for the same start waits in an initialization of his own, and each is told one end', async () => {
  const deadlineMs = 4_000;
  await using world = await World.create({
    on: 'memory',
    catalog: chatCatalog({ deadlineMs }),
    timings: { ownRetryAfterMs: 50 },
  });
  const edge = await world.edge();
  const early = await world.user(edge);
  const first = await early.next('initialization_started');
  await sleep(deadlineMs / 2);
  const late = await world.user(edge, 'bob');
  expect((await late.next('initialization_started')).initialization).toBe(first.initialization);
  expect((await early.next('initialization_failed')).initialization).toBe(first.initialization);

  const again = await early.retry();
  if (again.type !== 'initialization_started') throw new Error(again.type);
  expect(again.initialization).not.toBe(first.initialization);
  // They wait for the same start, and are told so.
  expect(again.elapsedMs).toBeGreaterThan(deadlineMs);
  const { service } = await world.readyPlan();
  expect((await early.next('initialization_completed')).initialization).toBe(again.initialization);
  expect((await late.next('initialization_completed')).initialization).toBe(first.initialization);
  await service.next();
});

test('users of one tenant see nothing of the instances of another', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const edge = await world.edge();
  const [ours, theirs] = [await world.user(edge), await world.user(edge, 'ada', 'rival')];
  await Promise.all([ours.next('initialization_started'), theirs.next('initialization_started')]);
  await world.ready('store');
  await world.waiting('agent');
  await world.starting('agent', 'reading_secret_files');
  await ours.next('service_initializing', ({ phase }) => phase === 'reading_secret_files');
  await theirs.next('service_completed');
  theirs.say({ type: 'nonsense' });
  await theirs.next('error');
  expect(theirs.types()).not.toContain('service_initializing');
  expect(JSON.stringify(theirs.frames)).not.toContain('secret');
});
