import type { LedgerRecord } from '@reveille/contracts';
import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import { publicKeyOf, type Service } from '../harness/service.ts';
import { World } from '../harness/world.ts';

/** The next generation takes over, as an initializer says it; `edges`: those that may have sessions on the one before. */
async function replaceAgent(world: World, edges: string[]): Promise<{ before: LedgerRecord; next: Service }> {
  const before = await world.record(await world.instance('agent'));
  if (before === undefined) throw new Error('no agent');
  const { instance, generation, endpoint, intent = { name: 'old' } } = before;
  const next = await world.service({ is: { instance, generation: generation + 1 } });
  await world.commit('agent', 'ready', (_, now) => ({
    generation: generation + 1,
    endpoint: next.endpoint,
    publicKey: publicKeyOf({ instance, generation: generation + 1 }),
    timings: { readyAt: now },
    draining: { generation, intent, ...(endpoint ? { endpoint } : {}), edges, until: now + 60_000, over: false },
  }));
  return { before, next };
}

const rereadMs = 50;

test('while its service is replaced a session stays where it is, a new one begins on the next generation', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog(), timings: { rereadMs } });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const ann = await world.user(edge);
  const upstream = await service.next();
  await ann.next('initialization_completed');
  const { next } = await replaceAgent(world, [edge.id]);

  const ben = await world.user(edge);
  const other = await next.next();
  ben.say({ type: 'send', id: 'b', data: 1 });
  expect((await other.take()).id).toBe('b');
  ann.say({ type: 'send', id: 'a', data: 1 });
  expect((await upstream.take()).id).toBe('a');
  upstream.say({ type: 'emit', n: 1, re: 'a', final: true, data: 'of the one before' });
  expect((await ann.next('message')).data).toBe('of the one before');
  expect(ann.types()).not.toContain('interrupted');
  expect(world.jobs.filter(({ left }) => left !== undefined)).toEqual([]);
});

test('once the last of its sessions has left the one before, an edge says so, and again until the record knows', async () => {
  await using world = await World.create({
    ...{ on: 'memory', catalog: chatCatalog() },
    timings: { rereadMs, leaseMs: 150 },
  });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const ann = await world.user(edge);
  const upstream = await service.next();
  await ann.next('initialization_completed');
  const { before, next } = await replaceAgent(world, [edge.id]);
  await world.user(edge);
  await next.next();
  const said = () => world.jobs.flatMap(({ left }) => left ?? []);
  expect(said()).toEqual([]);
  ann.socket.close(1000);
  await upstream.closed;
  await world.until(() => said().length >= 2);
  expect(said()[0]).toEqual({ edge: edge.id, generation: before.generation });
  await world.commit('agent', 'joined', ({ draining }) => ({ draining: { ...draining!, edges: [] } }));
});

test('when its time is over a session moves on without losing what it says, and is told what may never be answered', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog(), timings: { rereadMs } });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const ann = await world.user(edge);
  const upstream = await service.next();
  await ann.next('initialization_completed');
  for (const id of ['taken', 'untaken']) ann.say({ type: 'send', id, data: id });
  await upstream.take();
  await upstream.next('deliver');
  const { next } = await replaceAgent(world, [edge.id]);
  await world.commit('agent', 'joined', ({ draining }) => ({ draining: { ...draining!, over: true } }));
  expect(await ann.next('interrupted')).toMatchObject({ reason: 'replaced', ids: ['taken'] });
  const moved = await next.next();
  expect((await moved.take()).id).toBe('untaken');
  moved.say({ type: 'emit', n: 1, re: 'untaken', final: true, data: 'of the next one' });
  expect((await ann.next('message')).data).toBe('of the next one');
  expect(ann.types()).not.toContain('initialization_started');
});
