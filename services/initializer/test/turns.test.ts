import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceKey } from '@reveille/contracts';
import { operatorPrefix } from '@reveille/orchestration';
import { expect, test } from 'vitest';
import { come } from './come.ts';
import { World } from './world.ts';

test('many queued starts of one tenant delay the first of another by one slot at most, over all initializers', async () => {
  await using world = await World.create(`
  app: { scope: user, start: { RUN(slow, "150") } }
`);
  const env = { REVEILLE_START_CONCURRENCY: '1' };
  await Promise.all([world.initializer(env), world.initializer(env)]);
  const crowd = await Promise.all(Array.from({ length: 12 }, (_, index) => come(world, `ada${index}`, 'acme')));
  for (const instance of crowd)
    await world.until(instance, (record) => record !== undefined && record.state !== 'waiting');
  const bob = await come(world, 'bob', 'other');
  const { queuedAt = 0, claimedAt = 0 } = (await world.until(bob, 'ready')).timings;
  const claims: number[] = [];
  for (const instance of crowd) claims.push((await world.until(instance, 'ready')).timings.claimedAt ?? 0);
  // One slot, and what each of the two places was given just as the first of the other came.
  expect(claims.filter((at) => at > queuedAt && at < claimedAt).length).toBeLessThanOrEqual(3);
  expect(claims.filter((at) => at > claimedAt).length).toBeGreaterThan(4);
  expect(await world.starts('app')).toHaveLength(13);
});

test('what only an operator has started lets users go first, until a user waits for it too', async () => {
  await using world = await World.create(`
  app: { scope: user, start: { RUN }, ready: { http: { path: /busy } } }
`);
  await world.initializer({ REVEILLE_START_CONCURRENCY: '1' });
  // Nothing becomes ready before the file is there.
  await world.until(await come(world, 'ada', 'acme'), 'starting');
  const operator = `${operatorPrefix}1`;
  // Each of a tenant of its own, so that only their urgency orders them.
  const warmed: InstanceKey[] = [];
  for (const one of ['1', '2', '3']) warmed.push(await come(world, `warm${one}`, `tenant${one}`, operator));
  for (const instance of warmed) await world.until(instance, 'queued');
  const bob = await come(world, 'bob', 'acme');
  await world.until(bob, 'queued');
  const last = await come(world, 'warm3', 'tenant3');
  while ((await world.broker.wakeUps.positions([bob, last])).get(last) !== 2);
  await writeFile(join(world.dir, 'busy'), '');
  const claimedAt = async (instance: InstanceKey) =>
    (await world.until(instance, 'ready')).timings.claimedAt ?? Number.NaN;
  const users = Math.max(await claimedAt(bob), await claimedAt(last));
  for (const instance of warmed.slice(0, 2)) expect(await claimedAt(instance)).toBeGreaterThan(users);
});

test('no more starts are under way than the pool and a tenant may have', async () => {
  await using world = await World.create(`
  app: { scope: user, start: { RUN(slow, "200") } }
`);
  const env = { REVEILLE_POOL_STARTS: '3', REVEILLE_TENANT_STARTS: '2' };
  await Promise.all([world.initializer(env), world.initializer(env)]);
  const all = await Promise.all([
    ...Array.from({ length: 6 }, (_, index) => come(world, `ada${index}`, 'acme')),
    ...Array.from({ length: 3 }, (_, index) => come(world, `bob${index}`, 'other')),
  ]);
  const most = { pool: 0, acme: 0 };
  for (;;) {
    const records = (await world.broker.ledger.read(all)).map(({ record }) => record);
    const starting = records.filter((record) => record?.state === 'starting');
    most.pool = Math.max(most.pool, starting.length);
    most.acme = Math.max(most.acme, starting.filter((record) => record?.scope.tenant === 'acme').length);
    if (records.every((record) => record?.state === 'ready')) break;
  }
  expect(most.pool).toBeLessThanOrEqual(3);
  expect(most.acme).toBeLessThanOrEqual(2);
  expect(most.pool).toBeGreaterThan(1);
  expect(await world.starts('app')).toHaveLength(9);
});

test('a start that nobody waits for any more gives up its place in line', async () => {
  await using world = await World.create(`
  app: { scope: user, start: { RUN(slow, "60000") } }
`);
  await world.initializer({ REVEILLE_START_CONCURRENCY: '1' });
  await world.until(await come(world, 'ada', 'acme'), 'starting');
  const [left, stays] = [await come(world, 'bob', 'acme'), await come(world, 'eve', 'acme')] as const;
  for (const instance of [left, stays]) await world.until(instance, 'queued');
  const positions = () => world.broker.wakeUps.positions([left, stays]);
  while ((await positions()).size < 2);
  await world.broker.ledger.unwant(world.edge, [left]);
  await world.until(left, 'cold');
  while ((await positions()).has(left));
  expect(await positions()).toEqual(new Map([[stays, 1]]));
});
