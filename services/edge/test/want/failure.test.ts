import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import { World } from '../harness/world.ts';

test('a failed start rejects what is held, then tells the root cause once, and keeps the socket for a retry', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const edge = await world.edge();
  const user = await world.user(edge);
  const started = await user.next('initialization_started');
  user.say({ type: 'send', id: 'm1', data: 1 });
  await world.until(() => world.jobs.length === 2);
  await world.waiting('store');
  await world.starting('store');
  await world.failed('store', { cooldownMs: 400, logTail: ['secret line'] });
  expect(await user.next('service_failed')).toMatchObject({ service: 'store', willRetry: false });
  expect(await user.next('rejected')).toMatchObject({ id: 'm1', code: 'exited_early' });
  const failed = await user.next('initialization_failed');
  expect(failed).toMatchObject({
    initialization: started.initialization,
    retryable: true,
    failure: { service: 'store', code: 'exited_early' },
  });
  expect(failed.retryAfterMs).toBeGreaterThan(0);
  expect(JSON.stringify(user.frames)).not.toContain('secret line');

  user.say({ type: 'send', id: 'm2', data: 2 });
  expect(await user.next('rejected')).toMatchObject({ id: 'm2', code: 'not_ready' });
  user.say({ type: 'retry' });
  const cooling = await user.next('error');
  expect(cooling).toMatchObject({ code: 'cooling_down' });

  // A retry that came long after the last reading has asked the ledger, and lets go again.
  const store = await world.instance('store');
  await expect.poll(async () => (await world.broker.ledger.read([store]))[0]?.interest).toEqual([]);
});

test('a retry after the cooldown is a new initialization that can succeed', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const edge = await world.edge();
  const user = await world.user(edge);
  const first = await user.next('initialization_started');
  await world.until(() => world.jobs.length === 2);
  await world.waiting('store');
  await world.failed('store', { cooldownMs: 500 });
  await user.next('initialization_failed');
  const second = await user.retry();
  if (second.type !== 'initialization_started') throw new Error(second.type);
  expect(second.reason).toBe('retry');
  expect(second.initialization).not.toBe(first.initialization);
  await world.until(() => world.jobs.length >= 4);
  const { service } = await world.readyPlan();
  expect(await user.next('initialization_completed')).toMatchObject({ initialization: second.initialization });
  await service.next();
});

test('a retry long after the failure still hears of its plan', async () => {
  await using world = await World.create({ catalog: chatCatalog(), timings: { rereadMs: 20 } });
  const edge = await world.edge();
  const user = await world.user(edge);
  await user.next('initialization_started');
  await world.until(() => world.jobs.length === 2);
  await world.waiting('store');
  // The cooldown is many times as long as a reading stays fresh: plans that nobody has are forgotten by then.
  await world.failed('store', { cooldownMs: 500 });
  await user.next('initialization_failed');
  expect((await user.retry()).type).toBe('initialization_started');
  await world.until(() => world.jobs.length >= 4);
  const { service } = await world.readyPlan();
  expect((await user.next('service_completed')).service).toBe('store');
  await user.next('initialization_completed');
  await service.next();
});

test('a retry does not join what is left of the start that failed: that has had its one end', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const edge = await world.edge();
  const user = await world.user(edge);
  const first = await user.next('initialization_started');
  await world.until(() => world.jobs.length === 2);
  await world.waiting('store');
  await world.starting('store');
  await world.waiting('agent');
  await world.failed('agent', { cooldownMs: 50 });
  await user.next('initialization_failed');
  // Its store is still starting.
  const second = await user.retry();
  if (second.type !== 'initialization_started') throw new Error(second.type);
  expect(second.initialization).not.toBe(first.initialization);
  expect(second.traceId).not.toBe(first.traceId);
  expect(second.services[0]).toMatchObject({ service: 'store', state: 'starting' });
  const { service } = await world.readyPlan();
  expect((await user.next('initialization_completed')).initialization).toBe(second.initialization);
  await service.next();
});

test('a retry that fails too is told, however short the cooldown', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const edge = await world.edge();
  const user = await world.user(edge);
  await user.next('initialization_started');
  await world.until(() => world.jobs.length === 2);
  await world.waiting('store');
  await world.failed('store', { cooldownMs: 50 });
  await user.next('initialization_failed');
  const second = await user.retry();
  if (second.type !== 'initialization_started') throw new Error(second.type);
  await world.until(() => world.jobs.length >= 4);
  await world.waiting('store');
  await world.failed('store', { cooldownMs: 50, code: 'start_timeout' });
  expect(await user.next('initialization_failed')).toMatchObject({
    initialization: second.initialization,
    failure: { code: 'start_timeout' },
  });
});

test('a message that comes right behind the retry is held for the new initialization', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const edge = await world.edge();
  const user = await world.user(edge);
  await user.next('initialization_started');
  await world.until(() => world.jobs.length === 2);
  await world.waiting('store');
  await world.failed('store', { cooldownMs: 300 });
  await user.next('initialization_failed');
  let id = 0;
  for (let told = ''; told !== 'initialization_started';) {
    user.say({ type: 'retry' });
    user.say({ type: 'send', id: `m${++id}`, data: id });
    told = (await user.nextOf('error', 'initialization_started')).type;
    if (told === 'error') expect(await user.next('rejected')).toMatchObject({ id: `m${id}`, code: 'not_ready' });
  }
  await world.until(() => world.jobs.length >= 4);
  const { service } = await world.readyPlan();
  await user.next('initialization_completed');
  expect(await (await service.next()).next('deliver')).toMatchObject({ id: `m${id}` });
});

test('a failure that nobody can retry closes 4503', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const edge = await world.edge();
  const user = await world.user(edge);
  await user.next('initialization_started');
  await world.waiting('store');
  await world.failed('store', { code: 'command_not_found' });
  expect((await user.next('initialization_failed')).retryable).toBe(false);
  expect((await user.closed).code).toBe(4503);
});

test('a retryable failure that nobody retries closes 1013 in the end', async () => {
  await using world = await World.create({ catalog: chatCatalog(), timings: { retryLingerMs: 50 } });
  const edge = await world.edge();
  const user = await world.user(edge);
  await user.next('initialization_started');
  await world.waiting('store');
  await world.failed('store', { cooldownMs: 50 });
  await user.next('initialization_failed');
  expect((await user.closed).code).toBe(1013);
});

test('one who comes while a failure cools down is told that failure at once, and starts nothing', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  await world.waiting('store');
  await world.failed('store', { cooldownMs: 60_000 });
  const edge = await world.edge();
  const user = await world.user(edge);
  const failed = await user.next('initialization_failed');
  expect(failed).toMatchObject({ failure: { code: 'exited_early', service: 'store' }, retryable: true });
  expect(failed.retryAfterMs).toBeGreaterThan(50_000);
  const another = await world.user(edge, 'bob');
  await another.next('initialization_failed');
  expect(world.jobs).toEqual([]);
});

test('log lines of the service reach the roles that the entrypoint names, and nobody else', async () => {
  const secret = 'x'.repeat(40);
  await using world = await World.create({
    catalog: chatCatalog({ logTailFor: ['operator'] }),
    config: { auth: { kind: 'secret', secret } },
  });
  const { SignJWT } = await import('jose');
  const token = (roles: string[]) =>
    new SignJWT({ tenant: 'acme', roles })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(roles[0] ?? 'ada')
      .setExpirationTime('1h')
      .sign(Buffer.from(secret));
  const edge = await world.edge();
  const [operator, user] = await Promise.all([world.client(edge), world.client(edge)]);
  operator.hello({ token: await token(['operator']) });
  user.hello({ token: await token([]) });
  await Promise.all([operator.next('initialization_started'), user.next('initialization_started')]);
  await world.waiting('store');
  await world.failed('store', { logTail: ['boom at line 7'] });
  expect((await operator.next('initialization_failed')).failure.logTail).toEqual(['boom at line 7']);
  await user.next('initialization_failed');
  expect(JSON.stringify(user.frames)).not.toContain('boom');
  expect(operator.of('service_failed')[0]?.failure.logTail).toEqual(['boom at line 7']);
});

test('cancel leaves: held messages are rejected, the initialization fails as cancelled, and the socket closes 1000', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const edge = await world.edge();
  const user = await world.user(edge);
  await user.next('initialization_started');
  user.say({ type: 'send', id: 'm1', data: 1 });
  user.say({ type: 'cancel' });
  expect(await user.next('rejected')).toMatchObject({ id: 'm1', code: 'cancelled' });
  expect(await user.next('initialization_failed')).toMatchObject({ failure: { code: 'cancelled' } });
  expect((await user.closed).code).toBe(1000);
});

test('the edge ends an initialization by its own timer, naming what was waited for', async () => {
  await using world = await World.create({ catalog: chatCatalog({ deadlineMs: 4_000 }) });
  const edge = await world.edge();
  const user = await world.user(edge);
  await user.next('initialization_started');
  await world.ready('store');
  await world.waiting('agent');
  await world.starting('agent', 'loading_model');
  const slow = await user.next('initialization_slow');
  expect(slow.waitingFor).toEqual(['AI agent']);
  const failed = await user.next('initialization_failed');
  expect(failed.failure).toMatchObject({
    code: 'deadline_exceeded',
    service: 'agent',
    name: 'AI agent',
    phase: 'loading_model',
    attempt: 1,
  });
  expect(user.of('initialization_failed')).toHaveLength(1);
  // Nobody has left: that is how it ended, for whoever asks for an explanation.
  const run = () => world.broker.timelines.run(failed.initialization);
  await expect.poll(async () => (await run())?.end?.outcome).toBe('deadline_exceeded');
  await expect.poll(async () => (await run())?.waits[0]?.outcome).toBe('deadline_exceeded');
});

test('without the broker a new need fails in words within 5 s, ready sessions keep flowing, and a retry recovers', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const broker = world.memory!.another();
  const edge = await world.edge(
    { timings: { ...(await import('../../src/index.ts')).defaultTimings, rereadMs: 50 } },
    broker,
  );
  const old = await world.user(edge);
  await old.next('initialization_completed');
  const upstream = await service.next();
  broker.cutOff();
  const beganAt = performance.now();
  const fresh = await world.user(edge, 'bob', 'other');
  expect(await fresh.next('initialization_failed')).toMatchObject({
    failure: { code: 'broker_unavailable' },
    retryable: true,
  });
  expect(performance.now() - beganAt).toBeLessThan(5_000);
  old.say({ type: 'send', id: 'm1', data: 1 });
  await upstream.take();
  await old.next('accepted');
  upstream.say({ type: 'emit', n: 1, data: 'still here' });
  expect((await old.next('message')).data).toBe('still here');
  broker.reconnect();
  expect((await fresh.retry()).type).toBe('initialization_started');
});
