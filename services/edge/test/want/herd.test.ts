import { type ChangeKind, type LedgerRecord, successorKey } from '@reveille/contracts';
import { promisedRoot } from '@reveille/telemetry';
import { describe, expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import type { Client } from '../harness/client.ts';
import { World } from '../harness/world.ts';

test('a second user joins the start that is under way: same initialization, same trace, no further wake-up', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const edge = await world.edge();
  const first = await (await world.user(edge)).next('initialization_started');
  await world.until(() => world.jobs.length === 2);
  await world.waiting('store');
  await world.starting('store', 'opening');
  const other = await world.user(edge, 'bob');
  const second = await other.next('initialization_started');
  expect(second).toMatchObject({ reason: 'joined', initialization: first.initialization, traceId: first.traceId });
  expect(world.jobs).toHaveLength(2);
});

test('a user of another edge joins it too, by the origin in the ledger', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const [one, two] = [await world.edge(), await world.edge()];
  const first = await (await world.user(one)).next('initialization_started');
  await world.until(() => world.jobs.length === 2);
  await world.waiting('store');
  const second = await (await world.user(two, 'bob')).next('initialization_started');
  expect(second).toMatchObject({ reason: 'joined', initialization: first.initialization, traceId: first.traceId });
});

test('users of many edges who come at the same moment, before anything has begun, join one initialization', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const edges = await Promise.all(Array.from({ length: 4 }, () => world.edge()));
  const users = await Promise.all(edges.map((edge, at) => world.user(edge, `user-${at}`)));
  // No initializer has done anything yet: what they agree on is what the first of them announced.
  const started = await Promise.all(users.map((user) => user.next('initialization_started')));
  expect(new Set(started.map(({ initialization }) => initialization)).size).toBe(1);
  expect(new Set(started.map(({ traceId }) => traceId)).size).toBe(1);
  expect(started.map(({ reason }) => reason).toSorted()).toEqual(['cold', 'joined', 'joined', 'joined']);
  await world.until(() => world.jobs.length > 0);
  expect(new Set(world.jobs.map(({ origin }) => origin?.initialization)).size).toBe(1);
});

test('an announcement that became a start, and ended, is not joined by those who lose the service later', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const [one, two] = [await world.edge(), await world.edge()];
  const user = await world.user(one);
  const first = await user.next('initialization_started');
  const { service } = await world.readyPlan();
  await user.next('initialization_completed');
  await service.next();
  const other = await world.user(two, 'bob');
  await other.next('initialization_completed');
  await world.commit('agent', 'lost', () => ({ state: 'lost' }));
  for (const lost of [user, other]) {
    const again = await lost.next('initialization_started', ({ reason }) => reason === 'lost');
    expect(again.initialization).not.toBe(first.initialization);
  }
});

describe('users of many edges who lose their service', () => {
  async function talkingOnTwoEdges(world: World) {
    const edges = [await world.edge(), await world.edge()];
    const first = await world.user(edges[0]!);
    await first.next('initialization_started');
    const { service, record } = await world.readyPlan();
    await first.next('initialization_completed');
    const second = await world.user(edges[1]!, 'bob');
    await second.next('initialization_completed');
    const upstreams = [await service.next(), await service.next()];
    return { edges, users: [first, second], service, record, upstreams };
  }
  async function lostNames(users: readonly Client[]): Promise<string[]> {
    const told = await Promise.all(
      users.map((user) => user.next('initialization_started', ({ reason }) => reason === 'lost')),
    );
    expect(new Set(told.map(({ traceId }) => traceId)).size).toBe(1);
    return told.map(({ initialization }) => initialization);
  }

  test('are told of one initialization, although nobody has noticed yet but their edges', async () => {
    await using world = await World.create({ catalog: chatCatalog() });
    const { users, service } = await talkingOnTwoEdges(world);
    const before = world.jobs.length;
    await service[Symbol.asyncDispose]();
    const names = await lostNames(users);
    expect(new Set(names).size).toBe(1);
    // An initializer takes its name from the ledger, or from what edges ask for once it is known to be gone.
    await world.commit('agent', 'lost', () => ({ state: 'lost' }));
    await world.until(() => world.jobs.length > before);
  });

  test('however far the next start has come by the time that each of them notices', async () => {
    await using world = await World.create({ catalog: chatCatalog() });
    const { edges, users, service, record } = await talkingOnTwoEdges(world);
    const [first, second] = users as [Client, Client];
    const agent = await world.instance('agent');
    const { id: initialization, traceparent } = promisedRoot(successorKey(agent, record.generation));
    const ended = Date.now();
    const steps: [ChangeKind, Partial<LedgerRecord>][] = [
      ['lost', { state: 'lost', losses: [ended], timings: { ...record.timings, endedAt: ended } }],
      ['stopping', { state: 'stopping', stopReason: 'lost' }],
      ['stopped', { state: 'cold' }],
      // As an initializer begins it that nobody has asked.
      [
        'wanted',
        { state: 'waiting', generation: record.generation + 1, origin: { initialization, traceparent }, timings: {} },
      ],
    ];
    const names = [];
    for (const [change, patch] of steps) {
      await world.commit('agent', change, () => patch);
      const late = await world.user(edges[names.length % 2]!, `late-${change}`);
      names.push((await late.next('initialization_started')).initialization);
      // Another edge meets it only now.
      const fresh = await world.user(await world.edge(), `fresh-${change}`);
      names.push((await fresh.next('initialization_started')).initialization);
    }
    names.push(...(await lostNames([first, second])));
    await service[Symbol.asyncDispose]();
    expect(new Set(names)).toEqual(new Set([initialization]));
  });

  test('and are told of another one when the next generation is lost too', async () => {
    await using world = await World.create({ catalog: chatCatalog() });
    const { users, record } = await talkingOnTwoEdges(world);
    await world.commit('agent', 'lost', () => ({ state: 'lost' }));
    const once = await lostNames(users);
    const instance = await world.instance('agent');
    const generation = record.generation + 10;
    const next = await world.service({ is: { instance, generation } });
    await world.commit('agent', 'wanted', () => ({ state: 'starting', generation, timings: {} }));
    await world.ready('agent', next.endpoint);
    const isEnd = ({ initialization }: { initialization?: string | undefined }) => initialization === once[0];
    await Promise.all(users.map((user) => user.next('initialization_completed', isEnd)));
    await world.commit('agent', 'lost', () => ({ state: 'lost' }));
    const again = await Promise.all(
      users.map((user) => user.next('initialization_started', (frame) => frame.reason === 'lost' && !isEnd(frame))),
    );
    expect(new Set(again.map(({ initialization }) => initialization)).size).toBe(1);
  });
});

test('a generation that follows by itself and carries the origin on is another initialization to those who were told its end', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const edge = await world.edge();
  const user = await world.user(edge);
  const first = await user.next('initialization_started');
  await world.readyPlan();
  await user.next('initialization_completed');
  const origin = { initialization: first.initialization, traceparent: `00-${first.traceId}-${'b'.repeat(16)}-01` };
  await world.commit('agent', 'wanted', () => ({ state: 'waiting', generation: Date.now() * 1000, origin }));
  const again = await user.next('initialization_started');
  expect(again.initialization).not.toBe(first.initialization);
});

test('a herd costs the ledger one statement of interest, and each sees the same frames', async () => {
  await using world = await World.create({
    on: 'memory',
    catalog: chatCatalog({ limits: { connectionsPerUser: 1000 } }),
  });
  const broker = world.memory!.another();
  let wants = 0;
  const { ledger } = broker;
  const want = ledger.want.bind(ledger);
  ledger.want = (...args) => {
    wants += 1;
    return want(...args);
  };
  const edge = await world.edge({}, broker);
  const users = await Promise.all(Array.from({ length: 40 }, () => world.user(edge)));
  await Promise.all(users.map((user) => user.next('initialization_started')));
  expect(wants).toBe(1);
  await world.waiting('store');
  await world.starting('store', 'opening');
  const seen = await Promise.all(
    users.map((user) => user.next('service_initializing', ({ phase }) => phase === 'opening')),
  );
  expect(new Set(seen.map((frame) => JSON.stringify(frame))).size).toBe(1);
});

test('changes that were lost on the way are found by reading again', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog(), timings: { rereadMs: 100 } });
  const broker = world.memory!.another();
  broker.router.subscribe = async () => ({ async [Symbol.asyncDispose]() {} });
  const edge = await world.edge({}, broker);
  const user = await world.user(edge);
  await user.next('initialization_started');
  const { service } = await world.readyPlan();
  await user.next('initialization_completed');
  await service.next();
});

test('what a user sees never goes backwards: an older revision is dropped', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const edge = await world.edge();
  const user = await world.user(edge);
  await user.next('initialization_started');
  const waiting = await world.waiting('store');
  const starting = await world.starting('store', 'opening');
  await user.next('service_initializing', ({ phase }) => phase === 'opening');
  await world.broker.router.publish(edge.id, [{ version: 1, change: 'wanted', at: Date.now(), record: waiting }]);
  await world.ready('store');
  await user.next('service_completed');
  await world.broker.router.publish(edge.id, [{ version: 1, change: 'progress', at: Date.now(), record: starting }]);
  await world.waiting('agent');
  await user.next('service_initializing', ({ service }) => service === 'agent');
  expect(
    user.of('service_initializing').filter(({ service, phase }) => service === 'store' && phase === 'waiting').length,
  ).toBeLessThanOrEqual(1);
  expect(user.of('service_completed')).toHaveLength(1);
});

test('when the last user leaves, the interest in the whole plan ends', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const left = Promise.withResolvers<readonly string[]>();
  const broker = world.memory!.another();
  const unwant = broker.ledger.unwant.bind(broker.ledger);
  broker.ledger.unwant = async (edge, instances) => {
    await unwant(edge, instances);
    left.resolve(instances);
  };
  const edge = await world.edge({}, broker);
  const [one, two] = [await world.user(edge), await world.user(edge, 'bob')];
  await Promise.all([one.next('initialization_started'), two.next('initialization_started')]);
  const plan = (await world.plan()).instances.map(({ instance }) => instance);
  await one[Symbol.asyncDispose]();
  expect((await world.broker.ledger.read(plan)).every(({ interest }) => interest.length === 1)).toBe(true);
  await two[Symbol.asyncDispose]();
  expect((await left.promise).toSorted()).toEqual(plan.toSorted());
  expect((await world.broker.ledger.read(plan)).every(({ interest }) => interest.length === 0)).toBe(true);
});
