import type { InstanceKey } from '@reveille/contracts';
import { expect, test } from 'vitest';
import { come } from './come.ts';
import { World } from './world.ts';

const edges = ['edge1', 'edge2', 'edge3', 'edge4'];

test('after a cooldown a herd on several edges joins one trial of one attempt, and its failure is the next, longer cooldown', async () => {
  await using world = await World.create(`
  app: { start: { RUN(exit) }, retry: { attempts: 3, backoffMs: 10 }, cooldownMs: 800 }
`);
  await Promise.all([world.initializer(), world.initializer()]);
  const herd = () =>
    Promise.all(
      Array.from({ length: 40 }, (_, user) => come(world, `user${user}`, 'acme', edges[user % edges.length])),
    );
  const app = (await herd())[0] as InstanceKey;
  const first = await world.until(app, 'failed');
  expect(first).toMatchObject({ attempt: 3, failure: { attempt: 3, attempts: 3, retryAfterMs: 800 } });
  // Who comes back meanwhile joins the failure.
  await herd();
  const meanwhile = await world.record(app);
  if ((meanwhile?.generation ?? 0) === first.generation) expect(await world.starts('app')).toHaveLength(3);

  const second = await world.until(app, (one) => one?.state === 'failed' && one.generation > first.generation);
  await herd();
  expect(second).toMatchObject({ attempt: 1, failure: { attempt: 1, attempts: 1 }, strikes: { count: 2 } });
  expect(second.failure?.retryAfterMs).toBeGreaterThanOrEqual(800);
  expect(second.failure?.retryAfterMs).toBeLessThan(1600);
  const third = await world.until(app, (one) => one?.state === 'failed' && one.generation > second.generation);
  expect(third).toMatchObject({ attempt: 1, strikes: { count: 3 } });
  const perGeneration = Map.groupBy(await world.starts('app'), (line) => Number(line.generation));
  for (const { generation, attempt } of [first, second, third])
    expect(perGeneration.get(generation)).toHaveLength(attempt);
});

test('a trial that succeeds clears the failures: the next start has all its attempts', async () => {
  await using world = await World.create(`
  app: { start: { RUN(exit) }, retry: { attempts: 2, backoffMs: 10 }, cooldownMs: 300, idle: { stopAfterMs: 100 } }
`);
  const initializer = await world.initializer();
  const app = await come(world, 'ada', 'acme');
  await world.until(app, 'failed');
  await world.changeCatalog(`
  app: { start: { RUN }, retry: { attempts: 2, backoffMs: 10 }, cooldownMs: 300, idle: { stopAfterMs: 100 } }
`);
  await initializer.reload();
  expect((await world.until(app, 'ready')).strikes).toBeUndefined();
});
