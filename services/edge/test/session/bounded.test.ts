import { surveyRedis } from '@reveille/broker';
import { launchRedis } from '@reveille/broker/server';
import { expect, inject, test } from 'vitest';
import type { Edge } from '../../src/index.ts';
import { chatCatalog } from '../harness/catalogs.ts';
import type { Client } from '../harness/client.ts';
import { World } from '../harness/world.ts';

type Welcome = { session: string; resumeKey: string };

async function talking(world: World, edge: Edge): Promise<{ client: Client; welcome: Welcome }> {
  const client = await world.client(edge);
  client.hello({ as: { user: 'ada', tenant: 'acme' } });
  const welcome = await client.next('welcome');
  await client.next('initialization_completed');
  return { client, welcome };
}

/** Comes back with everything up to `lastSeq`, and says what it is told. */
async function back(world: World, edge: Edge, { session, resumeKey: key }: Welcome, lastSeq: number) {
  const client = await world.client(edge);
  client.hello({ as: { user: 'ada', tenant: 'acme' }, resume: { session, key, lastSeq } });
  return { client, welcome: await client.next('welcome') };
}

test('when all sessions keep as much as they may, a message still comes, once; whoever missed it is told that the rest is not whole', async () => {
  // A session and no more, in each of eight partitions: whatever the name, it has a place, and its messages have none.
  const config = { sessionsBytes: 8 * 1100 };
  await using world = await World.create({ catalog: chatCatalog(), config });
  const { service } = await world.readyPlan();
  const [one, two] = [await world.edge(), await world.edge()];
  const { client, welcome } = await talking(world, one);
  const upstream = await service.next();
  upstream.say({ type: 'emit', n: 1, data: 'what does not fit' });
  expect(await client.next('message')).toMatchObject({ seq: 1, data: 'what does not fit' });
  expect(await upstream.next('stored')).toMatchObject({ n: 1 });
  await world.until(() => world.log.some(({ msg }) => String(msg).includes('hold as much as they may')));

  client.socket.terminate();
  const seen = await back(world, two, welcome, 1);
  expect(seen.welcome).toMatchObject({ resumed: true, session: welcome.session });
  const after = await service.next();
  after.say({ type: 'emit', n: 2, data: 'nor does this' });
  expect(await seen.client.next('message')).toMatchObject({ seq: 2 });
  seen.client.socket.terminate();
  const missed = await back(world, one, welcome, 1);
  expect(missed.welcome).toMatchObject({ resumed: false });
  expect(missed.welcome.session).not.toBe(welcome.session);
  expect(missed.client.of('message')).toEqual([]);
});

test('a session for which there is no room is a session all the same, and is not continued', async () => {
  await using world = await World.create({ catalog: chatCatalog(), config: { sessionsBytes: 8 * 1000 } });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const { client, welcome } = await talking(world, edge);
  const upstream = await service.next();
  client.say({ type: 'send', id: 'a', data: 'question' });
  await upstream.take();
  await client.next('accepted');
  upstream.say({ type: 'emit', n: 1, re: 'a', final: true, data: 'answer' });
  expect(await client.next('message')).toMatchObject({ seq: 1, data: 'answer' });
  client.socket.terminate();
  expect((await back(world, edge, welcome, 1)).welcome.resumed).toBe(false);
});

test('sessions on a Redis of their own are continued over it, leave the other alone, and go on without it', async () => {
  await using own = await launchRedis({});
  await using world = await World.create({ catalog: chatCatalog(), config: { sessionsRedisUrl: own.url } });
  const { service } = await world.readyPlan();
  const [one, two] = [await world.edge(), await world.edge()];
  const { client, welcome } = await talking(world, one);
  const upstream = await service.next();
  upstream.say({ type: 'emit', n: 1, data: 'kept there' });
  await client.next('message');
  client.socket.terminate();
  const again = await back(world, two, welcome, 0);
  expect(again.welcome).toMatchObject({ resumed: true });
  expect(await again.client.next('message')).toMatchObject({ data: 'kept there' });
  expect((await keptAt(own.url, world)).sessions).toBe(1);
  expect(await keptAt(inject('redisUrl'), world)).toEqual({ sessions: 0, bytes: 0 });

  await own[Symbol.asyncDispose]();
  const after = await service.next();
  after.say({ type: 'emit', n: 2, data: 'without it' });
  expect(await again.client.next('message')).toMatchObject({ seq: 2, data: 'without it' });
  again.client.socket.terminate();
  const fresh = await back(world, two, welcome, 2);
  expect(fresh.welcome).toMatchObject({ resumed: false });
  await fresh.client.next('initialization_completed');
});

async function keptAt(url: string, { namespace }: World) {
  const { use } = await surveyRedis(url, { namespace });
  if (use === undefined) throw new Error('nobody uses that namespace there');
  return use.kept;
}
