import { setTimeout as pause } from 'node:timers/promises';
import { globalScopeKey, type StartJob } from '@reveille/contracts';
import { expect } from 'vitest';
import { faultRows } from '../../src/rows/row.ts';
import { eventually } from '../../src/world/eventually.ts';
import type { FaultWorld } from '../../src/world/fault-world.ts';
import { logged } from '../../src/world/logged.ts';

const gated = { services: { db: { flags: ['gated'] }, app: { scope: 'tenant', dependsOn: ['db'] } } } as const;

async function keysLike(world: FaultWorld, pattern: RegExp): Promise<string[]> {
  const keys = await world.redis.admin.keys(`{${world.namespace}}*`);
  return keys.filter((key) => pattern.test(key));
}

faultRows('queue', (row) => {
  row("an edge's relay registration deleted under it", { world: gated }, async (world, faults) => {
    const user = await world.user('ann');
    const asked = user.ask('hello');
    await world.started('db');
    await faults.inject('DEL', async () => {
      const keys = await keysLike(world, /:relay:\{edges\}:/);
      expect(keys.length).toBeGreaterThan(0);
      await world.redis.admin.del(...keys);
    });
    await world.file('gate');
    expect(await asked).toMatchObject({ how: 'answered' });
    faults.recovered();
    faults.userSaw('progress that is read again instead of told, then the answer');
  });

  row(
    'job delivered twice',
    { representative: true, world: { ...gated, size: { initializer: 2 } } },
    async (world, faults) => {
      const user = await world.user('ann');
      const asked = user.ask('hello');
      await world.started('db');
      const record = await world.record('db');
      const { wakeUps } = await world.broker();
      const instance = await world.keyOf('db');
      const again: StartJob = {
        version: 1,
        kind: 'start',
        instance,
        generation: record?.generation ?? 0,
        attempt: 1,
        lane: globalScopeKey,
        urgency: 'waiting',
      };
      for (let round = 0; round < 10; round++)
        await faults.inject('the same jobs again', async () => {
          await wakeUps.start({ ...again, attempt: 1 + (round % 2) });
          await wakeUps.reconcile([
            {
              version: 1,
              kind: 'reconcile',
              instance,
              service: 'db' as never,
              scope: { kind: 'global' },
              reason: 'wanted',
            },
          ]);
        });
      await pause(1_000);
      await world.file('gate');
      expect(await asked).toMatchObject({ how: 'answered' });
      faults.recovered();
      expect(world.starts('db')).toHaveLength(1);
      expect(world.starts('app')).toHaveLength(1);
      expect(await world.record('db')).toMatchObject({ attempt: 1 });
      faults.userSaw('nothing of it');
    },
  );

  row('job deleted or never added', {}, async (world, faults) => {
    // Whatever is added to the queues is gone a moment later: only the sweep is left to find what must be done.
    let over = false;
    let deleted = 0;
    const deleting = (async () => {
      while (!over) {
        const keys = await keysLike(world, /:(start|reconcile):(wait|active|delayed|\d+|start\..*)$/);
        if (keys.length > 0) deleted += await world.redis.admin.del(...keys);
      }
    })();
    const user = await world.user('ann');
    await faults.inject('DEL of each job', () => undefined);
    expect(await user.ask('hello')).toMatchObject({ how: 'answered' });
    faults.recovered();
    over = true;
    await deleting;
    expect(deleted).toBeGreaterThan(0);
    expect(world.starts('db')).toHaveLength(1);
    faults.userSaw('progress, then the answer, later');
  });

  row('stale deduplication key', {}, async (world, faults) => {
    const [db, app] = [await world.keyOf('db'), await world.keyOf('app')];
    await faults.inject('SET', async () => {
      for (const instance of [db, app])
        for (const reason of ['wanted', 'dependency', 'sweep', 'suspect', 'requested'])
          await world.redis.admin.set(`{${world.namespace}}:reconcile:de:${instance}.${reason}`, '1');
    });
    const user = await world.user('ann');
    expect(await user.ask('hello')).toMatchObject({ how: 'answered' });
    faults.recovered();
    faults.userSaw('progress, then the answer');
  });

  row('poison payload', {}, async (world, faults) => {
    const root = `{${world.namespace}}`;
    const poison = ['not json', '{"version":99,"kind":"start"}', '{"__proto__":{"polluted":1}}', '[]', '"x"'];
    await faults.inject('jobs that are none', async () => {
      for (const [index, data] of poison.entries())
        for (const queue of ['reconcile', 'start']) {
          const id = `poison${index}`;
          await world.redis.admin.hset(`${root}:${queue}:${id}`, {
            name: queue,
            data,
            opts: '{}',
            timestamp: '1',
            delay: '0',
            priority: '0',
          });
          await world.redis.admin.lpush(`${root}:${queue}:wait`, id);
          await world.redis.admin.zadd(`${root}:${queue}:marker`, 0, '0');
        }
    });
    const user = await world.user('ann');
    expect(await user.ask('hello')).toMatchObject({ how: 'answered' });
    faults.recovered();
    const { deployable } = world.the('initializer');
    await eventually(
      () => deployable.log.some((line) => line.level === 'error' && /job|payload|version/i.test(line.msg)),
      () => `nothing was logged of the poison: ${JSON.stringify(deployable.log)}`,
    );
    expect(deployable.child.exitCode).toBe(null);
    faults.userSaw('nothing of it');
  });

  row(
    'crash on start',
    { world: { services: { app: { flags: ['gated'], scope: 'tenant', retry: { attempts: 1, backoffMs: 10 } } } } },
    async (world, faults) => {
      const user = await world.user('ann');
      const asked = user.send('hello');
      // Each start kills the initializer that makes it, and its supervisor starts a new one.
      for (let crash = 1; user.of('initialization_failed').length === 0; crash++) {
        await eventually(
          () => world.starts('app').length >= crash || user.of('initialization_failed').length > 0,
          'it was neither started again nor given up',
        );
        if (user.of('initialization_failed').length > 0) break;
        const { holder } = await world.holderOf('app');
        await faults.inject('SIGKILL', () => world.signal(holder, 'SIGKILL'));
        await world.add('initializer');
      }
      faults.recovered();
      expect(await user.answerTo(asked)).toMatchObject({ how: 'rejected' });
      // One attempt, and what dead initializers may cost on top.
      expect(faults.injected).toBe(1 + 3);
      await world.file('gate');
      expect((await user.retry()).type).toBe('initialization_completed');
      expect(await user.ask('again')).toMatchObject({ how: 'answered' });
      faults.userSaw('progress of each attempt, then one failure; a retry works once it is mended');
    },
  );

  row('outage longer than the blocking time-out', {}, async (world, faults) => {
    await faults.inject('cut', () => {
      for (const { redis } of world.placed) redis.cut();
    });
    await pause(20_000);
    for (const { redis } of world.placed) redis.heal();
    await logged(world.the('initializer'), /Redis is back/);
    const user = await world.user('ann');
    const asked = user.send('hello');
    const answer = await user.answerTo(asked);
    if (answer.how === 'rejected') while ((await user.retry()).type !== 'initialization_completed');
    expect(await user.ask('again')).toMatchObject({ how: 'answered' });
    faults.recovered();
    expect(world.starts('db')).toHaveLength(1);
    faults.userSaw('progress, then the answer');
  });
});
