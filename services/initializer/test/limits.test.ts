import { expect, test } from 'vitest';
import { come } from './come.ts';
import { alive, World } from './world.ts';

const desk = `
  app: { name: The desk, scope: user, start: { RUN }, limits: { instances: 2 }, cooldownMs: 400, idle: { stopAfterMs: 100 } }
`;

test('no more instances of a service run than its limit says, over all initializers; the others are refused in words', async () => {
  await using world = await World.create(desk);
  await Promise.all([world.initializer(), world.initializer()]);
  const all = await Promise.all(Array.from({ length: 6 }, (_, index) => come(world, `user${index}`, 'acme')));
  const ended = await Promise.all(
    all.map((instance) => world.until(instance, (one) => one?.state === 'ready' || one?.state === 'failed')),
  );
  const refused = ended.filter(({ state }) => state === 'failed');
  expect(refused).toHaveLength(4);
  for (const { failure, strikes } of refused) {
    expect(failure).toMatchObject({ code: 'quota_exceeded', name: 'The desk', retryable: true, retryAfterMs: 400 });
    expect(failure?.message).toBe('no more than 2 of it may run at a time (limits.instances), and as many do');
    // It is not the service that failed: its next start is an ordinary one.
    expect(strikes).toBeUndefined();
  }
  expect(await world.starts('app')).toHaveLength(2);
});

test('a place comes free when its instance ends, and who comes back then gets it', async () => {
  await using world = await World.create(desk);
  await world.initializer();
  const [first, second] = [await come(world, 'ada', 'acme'), await come(world, 'bob', 'acme')] as const;
  await Promise.all([world.until(first, 'ready'), world.until(second, 'ready')]);
  const third = await come(world, 'eve', 'acme');
  await world.until(third, 'failed');
  await world.broker.ledger.unwant(world.edge, [first]);
  await world.until(first, 'cold');
  // Eve still wants it: it is tried again when the refusal has been remembered for long enough.
  await world.until(third, 'ready');
  const running = (await world.starts('app')).filter(({ pid }) => alive(pid));
  expect(running).toHaveLength(2);
});

test('an instance that is lost keeps its place for its next generation', async () => {
  await using world = await World.create(desk);
  await world.initializer();
  const [first, second] = [await come(world, 'ada', 'acme'), await come(world, 'bob', 'acme')] as const;
  const { generation } = await world.until(first, 'ready');
  await world.until(second, 'ready');
  const run = (await world.starts('app')).find((line) => Number(line.generation) === generation);
  process.kill(run?.pid ?? 0, 'SIGKILL');
  const next = await world.until(
    first,
    (one) =>
      one !== undefined &&
      one.generation > generation &&
      one.state !== 'waiting' &&
      one.state !== 'queued' &&
      one.state !== 'starting',
  );
  expect(next.state).toBe('ready');
});

test('a place is free when its owner has died with what it ran', async () => {
  await using world = await World.create(desk);
  await world.initializer();
  const owner = { service: 'app' as never, instance: 'app~gone' as never, generation: 1 };
  // What an initializer leaves that dies between its reservation and its claim.
  for (const instance of ['app~gone1', 'app~gone2'] as never[])
    await world.broker.quotas.reserve({ ...owner, instance }, { limit: 2, ttlMs: 1500 });
  const instance = await come(world, 'ada', 'acme');
  expect((await world.until(instance, 'failed')).failure?.code).toBe('quota_exceeded');
  expect((await world.until(instance, 'ready')).state).toBe('ready');
});
