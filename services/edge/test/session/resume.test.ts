import { upstreamCloseCodes, upstreamHeaders } from '@reveille/contracts';
import type { Edge } from '../../src/index.ts';
import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import type { Client } from '../harness/client.ts';
import { World } from '../harness/world.ts';

type Welcome = { session: string; resumeKey: string };
type Back = { lastSeq?: number; user?: string; key?: string; unanswered?: string[] };

/** A client that comes back with what an earlier one was welcomed with. */
async function back(
  world: World,
  edge: Edge,
  { session, resumeKey }: Welcome,
  { lastSeq = 0, user = 'ada', key = resumeKey, ...more }: Back = {},
): Promise<Client> {
  const client = await world.client(edge);
  client.hello({ as: { user, tenant: 'acme' }, resume: { session, key, lastSeq, ...more } });
  return client;
}

/** A user who talks: welcomed, connected, one message taken. */
async function talking(world: World, edge: Edge) {
  const client = await world.client(edge);
  client.hello({ as: { user: 'ada', tenant: 'acme' } });
  const welcome = await client.next('welcome');
  await client.next('initialization_completed');
  return { client, welcome };
}

test('a session goes on at another edge: what was missed comes once and in order, and the service is the same', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const [one, two] = [await world.edge(), await world.edge()];
  const { client, welcome } = await talking(world, one);
  expect(welcome.resumed).toBe(false);
  const before = await service.next();
  client.say({ type: 'send', id: 'a', data: 'question' });
  await before.take();
  await client.next('accepted');
  for (const n of [1, 2]) before.say({ type: 'emit', n, re: 'a', data: `part ${n}` });
  await client.next('message', ({ seq }) => seq === 2);
  await before.next('stored');
  client.socket.terminate();
  expect(await before.closed).not.toMatchObject(upstreamCloseCodes.ended);

  const again = await back(world, two, welcome, { lastSeq: 1 });
  expect(await again.next('welcome')).toMatchObject({
    resumed: true,
    session: welcome.session,
    resumeKey: welcome.resumeKey,
    lastAccepted: 'a',
  });
  expect(await again.next('message')).toMatchObject({ seq: 2, data: 'part 2' });
  const after = await service.next();
  expect(after.headers[upstreamHeaders.stored]).toBe('2');
  after.say({ type: 'emit', n: 3, re: 'a', final: true, data: 'part 3' });
  expect(await again.next('message')).toMatchObject({ seq: 3, data: 'part 3', re: 'a', final: true });
  // Sent again, because the client could not know: answered again, and not delivered again.
  again.say({ type: 'send', id: 'a', data: 'question' });
  expect(await again.next('accepted')).toMatchObject({ id: 'a' });
  again.say({ type: 'send', id: 'b', data: 'next' });
  expect((await after.take()).id).toBe('b');
  expect(again.of('message').map(({ seq }) => seq)).toEqual([2, 3]);
  expect(again.of('interrupted')).toEqual([]);
});

test('what a service says while nobody is there is not lost: the service keeps it until an edge has stored it', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const { client, welcome } = await talking(world, edge);
  const before = await service.next();
  client.socket.terminate();
  await before.closed;
  const again = await back(world, edge, welcome);
  expect((await again.next('welcome')).resumed).toBe(true);
  const after = await service.next();
  after.say({ type: 'emit', n: 1, data: 'said in between' });
  expect(await again.next('message')).toMatchObject({ seq: 1 });
  expect(await after.next('stored')).toMatchObject({ n: 1 });
});

test('a client that leaves for good leaves nothing: the service forgets it, and nobody can continue it', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const { client, welcome } = await talking(world, edge);
  const upstream = await service.next();
  client.socket.close(1000);
  expect(await upstream.closed).toMatchObject(upstreamCloseCodes.ended);
  const again = await back(world, edge, welcome);
  const second = await again.next('welcome');
  expect(second.resumed).toBe(false);
  expect(second.session).not.toBe(welcome.session);
});

test('a key that is not that of the session and user closes 4509, and takes nothing from its owner', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const [one, two] = [await world.edge(), await world.edge()];
  const { client, welcome } = await talking(world, one);
  const upstream = await service.next();
  for (const wrong of [{ key: 'guessed' }, { user: 'eve' }]) {
    const thief = await back(world, two, welcome, wrong);
    expect((await thief.closed).code).toBe(4509);
    expect(thief.frames).toEqual([]);
  }
  upstream.say({ type: 'emit', n: 1, data: 'still yours' });
  expect(await client.next('message')).toMatchObject({ data: 'still yours' });
});

test('a name that never was a session begins a new one', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  await world.readyPlan();
  const edge = await world.edge();
  for (const session of ['{x}:record:y', 'f'.repeat(32), '']) {
    const client = await back(world, edge, { session, resumeKey: 'k' });
    expect(await client.next('welcome')).toMatchObject({ resumed: false });
  }
});

test('the socket that was left behind is closed when the session is continued elsewhere', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const [one, two] = [await world.edge(), await world.edge()];
  const { client, welcome } = await talking(world, one);
  const before = await service.next();
  const again = await back(world, two, welcome);
  expect((await again.next('welcome')).resumed).toBe(true);
  const after = await service.next();
  // The edge before learns it by what it tries to keep; nothing of that reaches anybody twice.
  before.say({ type: 'emit', n: 1, data: 'late' });
  expect(await client.closed).toMatchObject({ code: 1000, reason: 'continued elsewhere' });
  expect(client.of('message')).toEqual([]);
  expect(await before.closed).not.toMatchObject(upstreamCloseCodes.ended);
  after.say({ type: 'emit', n: 1, data: 'once' });
  expect(await again.next('message')).toMatchObject({ seq: 1, data: 'once' });
});

test('an edge whose session went elsewhere does not take the service back', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const { service } = await world.readyPlan({ keepsNewest: true });
  const [one, two] = [await world.edge(), await world.edge()];
  const { client, welcome } = await talking(world, one);
  await service.next();
  client.say({ type: 'send', id: 'm1', data: 1 });
  // The first socket stays: its edge learns of the other one only by what the service does.
  const again = await back(world, two, welcome);
  expect((await again.next('welcome')).resumed).toBe(true);
  const after = await service.next();
  expect(await client.closed).toMatchObject({ code: 1000, reason: 'continued elsewhere' });
  after.say({ type: 'emit', n: 1, data: 'once' });
  expect(await again.next('message')).toMatchObject({ seq: 1, data: 'once' });
  expect([service.handshakes, client.of('interrupted'), again.of('interrupted')]).toEqual([2, [], []]);
});

test('what a service no longer knows anything of is named after a reconnect', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const { service } = await world.readyPlan({ knowsNothing: true });
  const [one, two] = [await world.edge(), await world.edge()];
  const { client, welcome } = await talking(world, one);
  client.say({ type: 'send', id: 'm1', data: 1 });
  const upstream = await service.next();
  await upstream.take();
  await client.next('accepted');
  client.socket.terminate();
  await upstream.closed;
  const again = await back(world, two, welcome);
  expect((await again.next('welcome')).resumed).toBe(true);
  expect(await again.next('interrupted')).toMatchObject({ reason: 'service_lost', ids: ['m1'] });
});

test('what a service took and has forgotten since is accepted, and named', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const [one, two] = [await world.edge(), await world.edge()];
  const { client, welcome } = await talking(world, one);
  client.say({ type: 'send', id: 'm1', data: 1 });
  const upstream = await service.next();
  await upstream.next('deliver');
  client.socket.terminate();
  await upstream.closed;
  const again = await back(world, two, welcome);
  again.say({ type: 'send', id: 'm1', data: 1 });
  const after = await service.next();
  await after.next('deliver');
  after.say({ type: 'taken', id: 'm1', lost: true });
  expect(await again.next('accepted')).toMatchObject({ id: 'm1' });
  expect(await again.next('interrupted')).toMatchObject({ reason: 'service_lost', ids: ['m1'] });
});

test('an edge that drains sends its clients on, and their sessions with them', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const [one, two] = [await world.edge(), await world.edge()];
  const { client, welcome } = await talking(world, one);
  const before = await service.next();
  before.say({ type: 'emit', n: 1, data: 'before' });
  await client.next('message');
  const drained = one[Symbol.asyncDispose]();
  expect((await client.next('draining')).reconnectInMs).toBeGreaterThanOrEqual(0);
  expect((await client.closed).code).toBe(1012);
  expect(await before.closed).not.toMatchObject(upstreamCloseCodes.ended);
  await drained;
  const again = await back(world, two, welcome, { lastSeq: 1 });
  expect((await again.next('welcome')).resumed).toBe(true);
  (await service.next()).say({ type: 'emit', n: 2, data: 'after' });
  expect(await again.next('message')).toMatchObject({ seq: 2, data: 'after' });
});

test('what only a bare service could have answered is named after a reconnect', async () => {
  await using world = await World.create({ catalog: chatCatalog({ provenance: 'endpoint' }) });
  const { service } = await world.readyPlan({ speaks: 'bare' });
  const edge = await world.edge();
  const { client, welcome } = await talking(world, edge);
  const before = await service.next();
  client.say({ type: 'send', id: 'a', data: { ask: 1 } });
  await client.next('accepted');
  expect(before.heard).toEqual([{ ask: 1 }]);
  client.socket.terminate();
  await before.closed;
  const again = await back(world, edge, welcome);
  expect((await again.next('welcome')).resumed).toBe(true);
  expect(await again.next('interrupted')).toMatchObject({ ids: ['a'] });
  again.say({ type: 'send', id: 'a', data: { ask: 1 } });
  await again.next('accepted');
  again.say({ type: 'send', id: 'b', data: { ask: 2 } });
  const after = await service.next();
  await after.next('*');
  expect(after.heard).toEqual([{ ask: 2 }]);
});

test('what another generation would have to answer is named after a reconnect', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const { client, welcome } = await talking(world, edge);
  client.say({ type: 'send', id: 'a', data: 1 });
  await (await service.next()).take();
  await client.next('accepted');
  client.socket.terminate();
  await world.readyPlan();
  const again = await back(world, edge, welcome);
  expect((await again.next('welcome')).resumed).toBe(true);
  expect(await again.next('interrupted')).toMatchObject({ reason: 'service_lost', ids: ['a'] });
});

test('what another generation would have to answer is named also when the next one has accepted something since', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const first = await talking(world, edge);
  first.client.say({ type: 'send', id: 'a', data: 1 });
  await (await service.next()).take();
  await first.client.next('accepted');
  first.client.socket.terminate();
  const { service: successor } = await world.readyPlan();
  // That it is told of `a` here is lost with this socket.
  const second = await back(world, edge, first.welcome);
  second.say({ type: 'send', id: 'b', data: 2 });
  const upstream = await successor.next();
  await upstream.take();
  await second.next('accepted', ({ id }) => id === 'b');
  second.socket.terminate();
  await upstream.closed;
  const third = await back(world, edge, first.welcome);
  expect((await third.next('welcome')).resumed).toBe(true);
  (await successor.next()).say({ type: 'emit', n: 1, re: 'b', final: true, data: 'answered' });
  expect(await third.next('message')).toMatchObject({ re: 'b' });
  expect(third.of('interrupted')).toMatchObject([{ reason: 'service_lost', ids: ['a'] }]);
});

test('without the store the conversation goes on, and what it did not keep is not pretended to be whole', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const broker = world.memory!.another();
  const [one, two] = [await world.edge({}, broker), await world.edge()];
  const { client, welcome } = await talking(world, one);
  const upstream = await service.next();
  upstream.say({ type: 'emit', n: 1, data: 'kept' });
  await client.next('message');
  broker.cutOff();
  upstream.say({ type: 'emit', n: 2, data: 'not kept' });
  expect(await client.next('message')).toMatchObject({ seq: 2 });
  client.say({ type: 'send', id: 'a', data: 1 });
  await upstream.take();
  await client.next('accepted');
  broker.reconnect();
  upstream.say({ type: 'emit', n: 3, data: 'kept again' });
  expect(await client.next('message')).toMatchObject({ seq: 3 });
  client.socket.terminate();
  await upstream.closed;
  const partial = await back(world, two, welcome, { lastSeq: 1 });
  expect((await partial.next('welcome')).resumed).toBe(false);
  const whole = await back(world, two, welcome, { lastSeq: 2 });
  expect((await whole.next('welcome')).resumed).toBe(true);
  expect(await whole.next('message')).toMatchObject({ seq: 3, data: 'kept again' });
});

test.each(['v1', 'bare'] as const)(
  'what was said last while the store was away is not left out without a word (%s)',
  async (speaks) => {
    await using world = await World.create({ on: 'memory', catalog: chatCatalog({ provenance: 'endpoint' }) });
    const { service } = await world.readyPlan({ speaks });
    const broker = world.memory!.another();
    const [one, two] = [await world.edge({}, broker), await world.edge()];
    const { client, welcome } = await talking(world, one);
    const upstream = await service.next();
    const emit = (n: number): void => upstream.say(speaks === 'v1' ? { type: 'emit', n, data: n } : n);
    emit(1);
    await client.next('message');
    // A round trip, so that it is known to be kept.
    client.say({ type: 'received', seq: 1 });
    broker.cutOff();
    emit(2);
    await client.next('message');
    client.socket.terminate();
    await upstream.closed;
    broker.reconnect();
    // The first edge tells the store as soon as that is back.
    await expect.poll(() => world.memory!.keptSessions()).toEqual([]);
    const again = await back(world, two, welcome, { lastSeq: 1 });
    expect((await again.next('welcome')).resumed).toBe(false);
  },
);

test('what was accepted while the store was away is told to it with the next thing', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog({ provenance: 'endpoint' }) });
  const { service } = await world.readyPlan({ speaks: 'bare' });
  const broker = world.memory!.another();
  const [one, two] = [await world.edge({}, broker), await world.edge()];
  const { client, welcome } = await talking(world, one);
  const upstream = await service.next();
  broker.cutOff();
  client.say({ type: 'send', id: 'a', data: 1 });
  await client.next('accepted');
  broker.reconnect();
  client.say({ type: 'send', id: 'b', data: 2 });
  await client.next('accepted');
  client.socket.terminate();
  await upstream.closed;
  const again = await back(world, two, welcome);
  expect((await again.next('welcome')).resumed).toBe(true);
  expect(await again.next('interrupted')).toMatchObject({ ids: ['a', 'b'] });
});

/** Accepts `known` over the store, then `lost` while this edge alone is cut off from it; the client's socket ends meanwhile. */
async function acceptedWhileCutOff(world: World, speaks: 'v1' | 'bare') {
  const { service, record } = await world.readyPlan({ speaks });
  const broker = world.memory!.another();
  const { client, welcome } = await talking(world, await world.edge({}, broker));
  const upstream = await service.next();
  for (const id of ['known', 'lost']) {
    if (id === 'lost') broker.cutOff();
    client.say({ type: 'send', id, data: 1 });
    if (speaks === 'v1') await upstream.take();
    await client.next('accepted', (frame) => frame.id === id);
  }
  client.socket.terminate();
  await upstream.closed;
  return { service, record, welcome, unanswered: ['known', 'lost'] };
}

const bareCatalog = () => chatCatalog({ provenance: 'endpoint' });

test('what only an edge without the store had accepted is named when its client knows of it, and given to nobody again', async () => {
  await using world = await World.create({ on: 'memory', catalog: bareCatalog() });
  const { service, welcome, unanswered } = await acceptedWhileCutOff(world, 'bare');
  const [two, three] = [await world.edge(), await world.edge()];
  const again = await back(world, two, welcome, { unanswered });
  expect(await again.next('welcome')).toMatchObject({ resumed: true, lastAccepted: 'lost' });
  expect(await again.next('interrupted')).toMatchObject({ reason: 'service_lost', ids: unanswered });
  again.socket.terminate();
  // The store has been told, so that it does not take this client to know.
  const third = await back(world, three, welcome);
  expect(await third.next('interrupted')).toMatchObject({ ids: unanswered });
  third.say({ type: 'send', id: 'lost', data: 1 });
  await third.next('accepted');
  third.say({ type: 'send', id: 'next', data: 2 });
  await third.next('accepted', ({ id }) => id === 'next');
  await world.until(() => service.connections.length === 3);
  expect(service.connections.map(({ heard }) => heard.length)).toEqual([2, 0, 1]);
});

test('what only an edge without the store had accepted is answered by the generation that has it', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const { service, welcome, unanswered } = await acceptedWhileCutOff(world, 'v1');
  const again = await back(world, await world.edge(), welcome, { unanswered });
  expect((await again.next('welcome')).resumed).toBe(true);
  const upstream = await service.next();
  upstream.say({ type: 'emit', n: 1, re: 'lost', final: true, data: 'answer' });
  expect(await again.next('message')).toMatchObject({ re: 'lost' });
  expect(again.of('interrupted')).toEqual([]);
});

test('what only an edge without the store had accepted is named when another generation has come', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const { welcome, unanswered } = await acceptedWhileCutOff(world, 'v1');
  await world.readyPlan();
  const again = await back(world, await world.edge(), welcome, { unanswered });
  expect((await again.next('welcome')).resumed).toBe(true);
  expect(await again.next('interrupted')).toMatchObject({ ids: unanswered });
});

test('a client that does not say what it was told is continued with what the store knows', async () => {
  await using world = await World.create({ on: 'memory', catalog: bareCatalog() });
  const { welcome } = await acceptedWhileCutOff(world, 'bare');
  const again = await back(world, await world.edge(), welcome);
  expect(await again.next('welcome')).toMatchObject({ resumed: true, lastAccepted: 'known' });
  expect(await again.next('interrupted')).toMatchObject({ ids: ['known'] });
});

test('a store that was emptied is filled again by the session itself', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const { client, welcome } = await talking(world, edge);
  const upstream = await service.next();
  upstream.say({ type: 'emit', n: 1, data: 'forgotten' });
  await client.next('message');
  for (const session of world.memory!.keptSessions()) world.memory!.forgetSession(session);
  for (const n of [2, 3, 4]) upstream.say({ type: 'emit', n, data: `part ${n}` });
  await client.next('message', ({ seq }) => seq === 4);
  client.socket.terminate();
  await upstream.closed;
  const again = await back(world, edge, welcome, { lastSeq: 3 });
  expect((await again.next('welcome')).resumed).toBe(true);
  expect(await again.next('message')).toMatchObject({ seq: 4 });
});

test('a store that was emptied is told again of what waits for its answer, from this edge and from the one before', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog({ provenance: 'endpoint' }) });
  const { service } = await world.readyPlan({ speaks: 'bare' });
  const [one, two] = [await world.edge(), await world.edge()];
  const first = await talking(world, one);
  first.client.say({ type: 'send', id: 'a', data: 1 });
  await first.client.next('accepted');
  first.client.socket.terminate();
  const second = await back(world, two, first.welcome);
  await second.next('interrupted');
  second.say({ type: 'send', id: 'b', data: 2 });
  await second.next('accepted', ({ id }) => id === 'b');
  for (const session of world.memory!.keptSessions()) world.memory!.forgetSession(session);
  second.say({ type: 'send', id: 'c', data: 3 });
  await second.next('accepted', ({ id }) => id === 'c');
  second.socket.terminate();
  const third = await back(world, one, first.welcome);
  expect((await third.next('welcome')).resumed).toBe(true);
  expect(await third.next('interrupted')).toMatchObject({ ids: ['a', 'b', 'c'] });
  third.say({ type: 'send', id: 'b', data: 2 });
  await third.next('accepted', ({ id }) => id === 'b');
  third.say({ type: 'send', id: 'd', data: 4 });
  await third.next('accepted', ({ id }) => id === 'd');
  await world.until(() => service.connections.length === 3);
  expect(service.connections.flatMap(({ heard }) => heard)).toEqual(['1', '2', '3', '4'].map((data) => ({ data })));
});

test('an entrypoint may keep nothing', async () => {
  await using world = await World.create({ catalog: chatCatalog({ resume: { windowMs: 0 } }) });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const { client, welcome } = await talking(world, edge);
  const upstream = await service.next();
  upstream.say({ type: 'emit', n: 1, data: 'said' });
  await client.next('message');
  client.socket.terminate();
  expect(await upstream.closed).toMatchObject(upstreamCloseCodes.ended);
  const again = await back(world, edge, welcome, { lastSeq: 1 });
  expect((await again.next('welcome')).resumed).toBe(false);
});
