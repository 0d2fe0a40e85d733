import type { Broker } from '@reveille/orchestration';
import { sleep } from '@reveille/lifecycle';
import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import { World } from '../harness/world.ts';

const catalog = (quietAfterMs: number) => chatCatalog({}, { idle: { quietAfterMs } });

async function quietWorld(afterMs = 150) {
  const world = await World.create({ on: 'memory', catalog: catalog(afterMs) });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const user = await world.user(edge);
  await user.next('initialization_completed');
  return { world, service, edge, user, upstream: await service.next() };
}

/** Resolves when so many edges want each instance of the plan. */
async function wantedBy(world: World, count: number, broker: Broker = world.broker): Promise<void> {
  const instances = (await world.plan()).instances.map(({ instance }) => instance);
  const isSo = async () => (await broker.ledger.read(instances)).every(({ interest }) => interest.length === count);
  while (!(await isSo())) await sleep(5);
}

test('a session without traffic is no interest; what is said then is delivered, and makes it one again', async () => {
  const { world, user, upstream } = await quietWorld();
  await using _ = world;
  await wantedBy(world, 1);
  await wantedBy(world, 0);
  user.say({ type: 'send', id: 'a', data: 'again' });
  expect((await upstream.take()).data).toBe('again');
  await user.next('accepted');
  await wantedBy(world, 1);
  // Quiet once more; this time it is the service that has something to say.
  await wantedBy(world, 0);
  upstream.say({ type: 'emit', n: 1, data: 'news' });
  expect(await user.next('message')).toMatchObject({ data: 'news' });
  await wantedBy(world, 1);
  expect(user.of('interrupted')).toEqual([]);
  expect(user.of('initialization_started')).toEqual([]);
  expect(user.of('initialization_completed')).toHaveLength(1);
});

test('its service is stopped meanwhile without a word; the next message wakes the plan with honest progress', async () => {
  const { world, service, user, upstream } = await quietWorld();
  await using _ = world;
  await wantedBy(world, 0);
  await world.commit('agent', 'stopping', () => ({ state: 'stopping', stopReason: 'idle' }));
  await world.commit('agent', 'stopped', () => ({ state: 'cold' }));
  upstream.socket.close(1000);
  await upstream.closed;
  const told = () => user.frames.filter(({ type }) => type !== 'ping').length;
  const before = told();
  // Nobody wants it: no wake-up, and no frame.
  const jobs = world.jobs.length;
  await sleep(100);
  expect([told(), world.jobs.length]).toEqual([before, jobs]);

  user.say({ type: 'send', id: 'a', data: 'are you there' });
  expect(await user.next('initialization_started')).toMatchObject({ reason: 'cold' });
  await world.until(() => world.jobs.length > jobs);
  await world.waiting('agent');
  await user.next('service_initializing', ({ phase }) => phase === 'waiting');
  await world.starting('agent');
  await user.next('service_initializing', ({ phase }) => phase === 'starting');
  const record = await world.record(await world.instance('agent'));
  const next = await world.service({
    is: { instance: await world.instance('agent'), generation: record?.generation ?? 0 },
  });
  await world.ready('agent', next.endpoint);
  await user.next('initialization_completed');
  const again = await next.next();
  expect((await again.take()).data).toBe('are you there');
  await user.next('accepted');
  expect(user.of('interrupted')).toEqual([]);
  expect(service.connections).toHaveLength(1);
});

test('an answer that was still to come when the service of a quiet session was stopped is named', async () => {
  const { world, user, upstream } = await quietWorld();
  await using _ = world;
  user.say({ type: 'send', id: 'a', data: 1 });
  await upstream.take();
  await user.next('accepted');
  await wantedBy(world, 0);
  upstream.socket.close(1000);
  expect(await user.next('interrupted')).toMatchObject({ ids: ['a'] });
});

test('one session with traffic keeps the interest of a plan, the last quiet one ends it', async () => {
  // Long enough for a busy machine not to make a pause of it.
  const afterMs = 1200;
  const { world, user, edge } = await quietWorld(afterMs);
  await using _ = world;
  const instances = (await world.plan()).instances.map(({ instance }) => instance);
  const other = await world.user(edge, 'bob');
  await other.next('initialization_completed');
  const until = performance.now() + 1.5 * afterMs;
  for (let n = 0; performance.now() < until; n++) {
    other.say({ type: 'send', id: `m${n}`, data: n });
    await sleep(50);
    for (const { interest } of await world.broker.ledger.read(instances)) expect(interest).toHaveLength(1);
  }
  await wantedBy(world, 0);
  expect(user.of('interrupted')).toEqual([]);
});

test('a message of a quiet session that finds Redis away goes to the service that still runs', async () => {
  const world = await World.create({ on: 'memory', catalog: catalog(150) });
  await using _ = world;
  const { service } = await world.readyPlan();
  const broker = world.memory!.another();
  const user = await world.user(await world.edge({}, broker));
  const upstream = await service.next();
  await user.next('initialization_completed');
  await wantedBy(world, 0);
  broker.cutOff();
  user.say({ type: 'send', id: 'a', data: 'still there' });
  expect((await upstream.take()).data).toBe('still there');
  await user.next('accepted');
  broker.reconnect();
  user.say({ type: 'send', id: 'b', data: 'back' });
  await upstream.take();
  await wantedBy(world, 1);
});
