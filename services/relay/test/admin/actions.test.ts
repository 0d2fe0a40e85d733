import { expect, test } from 'vitest';
import { instanceOf, RelayWorld } from '../relay-world.ts';
import { Receiver } from '../webhook/receiver.ts';
import { Operator } from './operator.ts';

test('every operation does what the document says, in the ledger, and each action is written down', async () => {
  await using receiver = await Receiver.answering(410);
  await using world = await RelayWorld.create();
  await using operator = await Operator.of(world, receiver.env);
  const reading = async (service: string) => {
    const [one] = await world.broker.ledger.read([instanceOf(service)]);
    if (one === undefined) throw new Error('no reading');
    return one;
  };
  const db = instanceOf('db');

  expect((await operator.get('/v1/catalog')).body).toMatchObject({
    services: [{ service: 'db', name: 'Database', scope: 'global' }, { service: 'app' }],
    entrypoints: [{ entrypoint: 'chat', service: 'app' }],
  });

  // Start: wanted like a user wants it.
  expect(await operator.post('/v1/start', { entrypoint: 'chat' })).toMatchObject({
    status: 202,
    body: { target: instanceOf('app'), ready: false, instances: [{ instance: db, state: 'cold' }, { service: 'app' }] },
  });
  for (const service of ['db', 'app']) expect((await reading(service)).interest).toHaveLength(1);
  await world.start('db', 'ready');
  expect((await operator.get(`/v1/instances/${db}`)).body).toMatchObject({ state: 'ready', owner: 'hands', edges: 0 });
  expect((await operator.get('/v1/plan?service=db')).body).toMatchObject({ ready: true });
  await expect
    .poll(async () => (await operator.get(`/v1/instances/${db}/timeline`)).body['changes'])
    .toMatchObject([{ change: 'wanted' }, { change: 'queued' }, { change: 'claimed' }, { change: 'ready' }]);

  // Stop: not what users have, unless it is meant.
  await world.want('ann', 'db');
  const refused = await operator.post('/v1/stop', { service: 'db' });
  expect(refused).toMatchObject({ status: 409, body: { error: { code: 'in_use' } } });
  expect(JSON.stringify(refused.body)).toContain('users on 1 edge');
  expect((await reading('db')).record?.stopRequestedAt).toBeUndefined();
  const generation = (await reading('db')).record?.generation;
  const asked = { status: 202, body: { instances: [{ instance: db, generation, outcome: 'asked' }] } };
  expect(await operator.post('/v1/stop', { service: 'db', force: true })).toMatchObject(asked);
  expect((await reading('db')).record?.stopRequestedAt).toBeGreaterThan(0);
  expect((await reading('db')).interest.map(({ edge }) => edge)).toEqual(['ann']);
  // Twice is once.
  expect(await operator.post('/v1/stop', { instance: db, force: true })).toMatchObject(asked);
  await world.end('db');
  expect((await operator.get('/v1/instances?state=cold')).body).toMatchObject({ total: 1, instances: [{ edges: 1 }] });

  // Restart: what does not run is wanted.
  await world.broker.ledger.unwant('ann', [db]);
  const restarted = await operator.post('/v1/restart', { service: 'db' });
  expect(restarted).toMatchObject({ status: 202, body: { instances: [{ outcome: 'not_running' }] } });
  expect((await reading('db')).interest).toHaveLength(1);

  // A failure, cleared.
  await world.start('db', 'failed');
  expect((await operator.get(`/v1/instances/${db}`)).body).toMatchObject({ failure: { code: 'exited_early' } });
  expect(await operator.post('/v1/clear', { service: 'db' })).toMatchObject({ status: 200, body: { cleared: [db] } });
  const { record } = await reading('db');
  expect(record?.state).toBe('cold');
  expect([record?.failure, record?.strikes, record?.cooldownUntil]).toEqual([undefined, undefined, undefined]);

  // Its webhook, given up and sent again.
  await expect.poll(async () => (await operator.get('/v1/webhooks/dead')).body['webhooks']).toHaveLength(1);
  const [{ event }] = (await operator.get('/v1/webhooks/dead')).body['webhooks'] as unknown as [
    { event: { id: string } },
  ];
  receiver.answer(200);
  const id = encodeURIComponent(event.id);
  expect(await operator.post(`/v1/webhooks/dead/${id}/retry`)).toMatchObject({ status: 200 });
  await expect.poll(() => receiver.deliveries.length).toBe(2);
  await expect.poll(async () => (await operator.get('/v1/webhooks/dead')).body['webhooks']).toEqual([]);

  // Pauses.
  expect(await operator.post('/v1/pause', { service: 'db', reason: 'new disks' })).toMatchObject({ status: 200 });
  expect(await operator.post('/v1/pause', { entrypoint: 'chat' })).toMatchObject({ status: 200 });
  const paused = (await operator.get('/v1/pauses')).body['pauses'] as unknown as object[];
  expect(paused).toHaveLength(2);
  expect(paused).toContainEqual(expect.objectContaining({ by: 'ann', reason: 'new disks' }));
  for (const [path, body] of [
    ['/v1/start', { service: 'app' }],
    ['/v1/restart', { service: 'db' }],
  ] as const)
    expect(await operator.post(path, body)).toMatchObject({ status: 409, body: { error: { code: 'paused' } } });
  await world.begin('db');
  const words = { name: 'Database', phase: 'waiting', message: 'Paused.', attempt: 0, attempts: 0, retryable: true };
  const failure = { code: 'maintenance', service: 'db', traceId: '', ...words };
  await world.commit('db', () => ({ kind: 'refuse', failure: failure as never, cooldownMs: 60_000 }));
  expect(await operator.post('/v1/resume', { service: 'db' })).toMatchObject({ status: 200, body: { cleared: [db] } });
  expect((await reading('db')).record?.state).toBe('cold');
  expect(await operator.post('/v1/resume', { entrypoint: 'chat' })).toMatchObject({ status: 200 });
  expect(await world.broker.operations.pauses()).toEqual([]);

  // Sessions, as counts.
  const edge = { kind: 'edge', sessions: { chat: { open: 3, waiting: 1 } }, startedAt: 1 } as const;
  for (const name of ['one', 'two']) await world.broker.members.announce({ id: name, ...edge }, 60_000);
  expect((await operator.get('/v1/sessions')).body).toEqual({
    ...{ edges: 2, sessions: 6 },
    entrypoints: [{ entrypoint: 'chat', sessions: 6, waiting: 2 }],
  });

  // What a doctor has to know.
  expect((await operator.get('/v1/survey')).body).toMatchObject({
    redis: {
      kind: 'standalone',
      nodes: [{ role: 'master' }],
      use: { queues: [{ isPaused: false }, { isPaused: false }] },
    },
    members: expect.arrayContaining([{ id: 'one', kind: 'edge', startedAt: 1 }]),
    stuck: [],
  });

  const { entries } = (await operator.get('/v1/audit')).body as unknown as { entries: Record<string, string>[] };
  expect(entries.map(({ action, target, outcome }) => `${action} ${target} ${outcome}`).toReversed()).toEqual([
    ...['start chat done', 'stop db refused', 'stop db done', `stop ${db} done`, 'restart db done', 'clear db done'],
    ...[
      `retry_webhook ${event.id} done`,
      'pause db done',
      'pause chat done',
      'start app refused',
      'restart db refused',
    ],
    ...['resume db done', 'resume chat done'],
  ]);
  expect(entries.every(({ by, address }) => by === 'ann' && address?.includes('127.0.0.1'))).toBe(true);
  expect([...operator.answered].toSorted()).toEqual(
    operator.operations.map(({ method, path }) => `${method} ${path}`).toSorted(),
  );
});

test('what an operator has started is wanted no longer than until it is ready', async () => {
  await using world = await RelayWorld.create();
  await using operator = await Operator.of(world);
  await operator.post('/v1/start', { service: 'db' });
  const interest = async () => (await world.broker.ledger.read([instanceOf('db')]))[0]?.interest.length;
  expect(await interest()).toBe(1);
  await world.start('db', 'ready');
  await expect.poll(interest).toBe(0);
});
