import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import { World } from '../harness/world.ts';

/** A start that took so long, as the relay writes it down. */
async function earlierStart(world: World, service: 'store' | 'agent', ms: number): Promise<void> {
  await world.waiting(service);
  await world.starting(service);
  const record = await world.ready(service);
  const { readyAt = 0 } = record.timings;
  const timings = { ...record.timings, claimedAt: readyAt - ms };
  await world.broker.timelines.append([{ version: 1, change: 'ready', at: readyAt, record: { ...record, timings } }]);
  await world.commit(service, 'stopped', () => ({ state: 'cold' }));
}

test('the first user of an edge is told what earlier starts took', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  await earlierStart(world, 'store', 4000);
  await earlierStart(world, 'agent', 2000);
  const user = await world.user(await world.edge());
  const started = await user.next('initialization_started');
  expect(started.services).toMatchObject([
    { service: 'store', expectedMs: 4000 },
    { service: 'agent', expectedMs: 2000 },
  ]);
  expect(started.etaMs).toBe(6000);
});

test('what had no history is asked for again at the next start', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const edge = await world.edge();
  const first = await world.user(edge);
  expect((await first.next('initialization_started')).etaMs).toBeUndefined();
  first.socket.close();
  await first.closed;
  await earlierStart(world, 'store', 4000);
  await earlierStart(world, 'agent', 2000);
  const second = await world.user(edge);
  expect((await second.next('initialization_started')).etaMs).toBe(6000);
});

test('that it takes longer than usual is measured by what is missing alone', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  await earlierStart(world, 'store', 60_000);
  await earlierStart(world, 'agent', 200);
  await world.waiting('store');
  await world.starting('store');
  await world.ready('store');
  const user = await world.user(await world.edge());
  expect(await user.next('initialization_slow')).toMatchObject({ p95Ms: 200 });
});
