import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import { World } from '../harness/world.ts';

test('a warm connect says initialization_completed right after welcome, without a wake-up', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const { service, record } = await world.readyPlan();
  const edge = await world.edge();
  const user = await world.user(edge);
  const completed = await user.next('initialization_completed');
  expect(user.types()).toEqual(['welcome', 'initialization_completed']);
  expect(completed.initialization).toBeUndefined();
  expect(completed.traceId).toMatch(/^[0-9a-f]{32}$/);
  const upstream = await service.next();
  expect(upstream.headers['traceparent']).toContain(completed.traceId);
  user.say({ type: 'send', id: 'm1', data: { text: 'hi' } });
  expect(await upstream.take()).toEqual({ id: 'm1', data: { text: 'hi' } });
  await user.next('accepted');
  upstream.say({ type: 'emit', n: 1, re: 'm1', final: true, data: { text: 'hello' } });
  expect(await user.next('message')).toEqual({
    type: 'message',
    seq: 1,
    data: { text: 'hello' },
    origin: { service: 'agent', generation: record.generation },
    re: 'm1',
    final: true,
  });
  expect(await upstream.next('stored')).toMatchObject({ n: 1 });
  expect(world.jobs).toEqual([]);
});

test('a cold start shows every step, then completes and lets held messages flow in order', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const edge = await world.edge();
  const user = await world.user(edge);
  const started = await user.next('initialization_started');
  expect(started).toMatchObject({
    reason: 'cold',
    totalServices: 2,
    services: [
      { service: 'store', state: 'cold' },
      { service: 'agent', dependsOn: ['store'] },
    ],
  });
  user.say({ type: 'send', id: 'm1', data: 1 });
  user.say({ type: 'send', id: 'm2', data: 2 });
  await world.until(() => world.jobs.length === 2);
  expect(world.jobs.map(({ service }) => service).sort()).toEqual(['agent', 'store']);
  expect(world.jobs[0]?.origin?.traceparent).toContain(started.traceId);
  await world.waiting('store');
  await world.waiting('agent');
  await world.starting('store');
  await world.starting('store', 'opening_database');
  expect(await user.next('service_initializing', ({ phase }) => phase === 'opening_database')).toMatchObject({
    name: 'Data store',
    percent: 40,
  });
  await world.ready('store');
  expect(await user.next('service_completed')).toMatchObject({ service: 'store', servicesRemaining: ['agent'] });
  const { generation, instance } = await world.starting('agent');
  const service = await world.service({ is: { instance, generation } });
  await world.ready('agent', service.endpoint);
  const completed = await user.next('initialization_completed');
  expect(completed).toMatchObject({ initialization: started.initialization, traceId: started.traceId });
  const upstream = await service.next();
  expect((await upstream.take()).id).toBe('m1');
  expect((await upstream.take()).id).toBe('m2');
  await user.next('accepted', ({ id }) => id === 'm2');
  expect(user.types().filter((type) => type.startsWith('initialization_'))).toEqual([
    'initialization_started',
    'initialization_completed',
  ]);
});
