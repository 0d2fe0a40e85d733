import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { faultRows, type RowOf } from '../../src/rows/row.ts';
import type { FaultWorld, Placed } from '../../src/world/fault-world.ts';
import type { Visitor } from '../../src/world/visitor.ts';
import { alive, untilDead } from '../../src/world/processes.ts';
import { seeded } from '../../src/seed.ts';

const gated = { services: { db: { flags: ['gated'] }, app: { scope: 'tenant', dependsOn: ['db'] } } } as const;
/** What nobody talks to is not needed: it becomes somebody's new need in the middle of an outage. */
const withOther: RowOf['world'] = {
  services: { db: {}, app: { scope: 'tenant', dependsOn: ['db'] }, other: { scope: 'tenant' } },
  entrypoints: { other: { service: 'other' } },
};
/** A new need fails within this without Redis (5 s), and the machine may be busy. Milliseconds. */
const cleanFailureMs = 5_000 + 10_000;

/** While Redis is away: the ready session goes on, and a new need fails cleanly and soon. Returns who needs it. */
async function expectOutage(world: FaultWorld, ready: Visitor): Promise<Visitor> {
  expect(await ready.ask('meanwhile')).toMatchObject({ how: 'answered' });
  const cameAt = performance.now();
  const needy = await world.user('ben', { entrypoint: 'other' });
  const failed = await needy.next('initialization_failed');
  expect(failed).toMatchObject({ retryable: true, failure: { code: 'broker_unavailable' } });
  expect(performance.now() - cameAt).toBeLessThan(cleanFailureMs);
  return needy;
}

/** After it: what was needed in vain is had, and nothing that was healthy has been started anew. */
async function expectRecovery(
  world: FaultWorld,
  ready: Visitor,
  needy: Visitor,
  pids: readonly number[],
): Promise<void> {
  for (;;) {
    const frame = await needy.retry();
    if (frame.type === 'initialization_completed') break;
    // Edges and initializers find Redis again each at its own time.
    expect(frame).toMatchObject({ type: 'initialization_failed', failure: { code: 'broker_unavailable' } });
  }
  expect(await needy.ask('at last')).toMatchObject({ how: 'answered' });
  expect(await ready.ask('afterwards')).toMatchObject({ how: 'answered' });
  for (const pid of pids) expect(alive(pid)).toBe(true);
  for (const service of ['db', 'app', 'other']) expect(world.starts(service)).toHaveLength(1);
}

/** A user in the middle of a conversation, and the processes behind it. */
async function conversing(world: FaultWorld): Promise<{ user: Visitor; pids: number[] }> {
  const user = await world.user('ann');
  expect(await user.ask('before')).toMatchObject({ how: 'answered' });
  return { user, pids: [(await world.started('db')).pid, (await world.started('app')).pid] };
}

const outageSaw = 'the conversation goes on; new needs: `broker_unavailable`, retry works after it';

faultRows('Redis', (row) => {
  row('frozen past the lease', { world: withOther }, async (world, faults) => {
    const { user, pids } = await conversing(world);
    await faults.inject('SIGSTOP', () => {
      world.history.note({ did: 'ledger_away' });
      process.kill(world.redis.pid, 'SIGSTOP');
    });
    const needy = await expectOutage(world, user);
    await pause(10_000);
    process.kill(world.redis.pid, 'SIGCONT');
    world.history.note({ did: 'ledger_back' });
    await expectRecovery(world, user, needy, pids);
    faults.recovered();
    faults.userSaw(outageSaw);
  });

  row(
    'frozen past the lease, during a start',
    { world: { ...gated, size: { initializer: 2 } } },
    async (world, faults) => {
      const user = await world.user('ann');
      const asked = user.ask('hello');
      await world.started('db');
      await faults.inject('SIGSTOP', () => {
        world.history.note({ did: 'ledger_away' });
        process.kill(world.redis.pid, 'SIGSTOP');
      });
      await pause(12_000);
      process.kill(world.redis.pid, 'SIGCONT');
      world.history.note({ did: 'ledger_back' });
      await world.file('gate');
      expect(await asked).toMatchObject({ how: 'answered' });
      faults.recovered();
      expect(world.starts('db')).toHaveLength(1);
      faults.userSaw('progress that stands still, then the answer');
    },
  );

  row(
    'killed with its append-only file, during a start',
    { world: { ...gated, size: { initializer: 2 } } },
    async (world, faults) => {
      const user = await world.user('ann');
      const asked = user.ask('hello');
      const first = await world.started('db');
      // The append-only file is written each second: what is older than that is kept.
      await world.until('db', (record) => record.state === 'starting' && record.progress?.phase === 'probing');
      await pause(1_500);
      await faults.inject('SIGKILL', () => world.killRedis());
      await world.file('gate');
      await world.restartRedis();
      expect(await asked).toMatchObject({ how: 'answered' });
      faults.recovered();
      expect(world.starts('db')).toHaveLength(1);
      expect(alive(first.pid)).toBe(true);
      faults.userSaw('progress that stands still, then the answer');
    },
  );

  row('killed with its append-only file, during a conversation', { world: withOther }, async (world, faults) => {
    const { user, pids } = await conversing(world);
    await pause(1_500);
    await faults.inject('SIGKILL', () => world.killRedis());
    const needy = await expectOutage(world, user);
    await world.restartRedis();
    await expectRecovery(world, user, needy, pids);
    faults.recovered();
    faults.userSaw(outageSaw);
  });

  row('killed without persistence', { world: { redis: { persist: false } } }, async (world, faults) => {
    const { user, pids } = await conversing(world);
    await faults.inject('SIGKILL', () => world.killRedis());
    await world.restartRedis();
    world.history.note({ did: 'emptied' });
    // The edge still wants it, in a ledger that knows nothing: the next generation starts and the old one is reaped.
    await user.next('interrupted');
    expect(await user.ask('afterwards')).toMatchObject({ how: 'answered' });
    faults.recovered();
    for (const pid of pids) await untilDead(pid);
    faults.userSaw('`interrupted`, progress, then the answer of the next generation');
  });

  row('FLUSHALL', { representative: true }, async (world, faults) => {
    const { user, pids } = await conversing(world);
    await faults.inject('FLUSHALL', async () => {
      world.history.note({ did: 'emptied' });
      await world.redis.admin.flushall();
    });
    await user.next('interrupted');
    expect(await user.ask('afterwards')).toMatchObject({ how: 'answered' });
    faults.recovered();
    for (const pid of pids) await untilDead(pid);
    faults.userSaw('`interrupted`, progress, then the answer of the next generation');
  });

  row('SCRIPT FLUSH', { world: withOther }, async (world, faults) => {
    const { user, pids } = await conversing(world);
    await faults.inject('SCRIPT FLUSH', () => world.redis.admin.script('FLUSH'));
    const other = await world.user('ben', { entrypoint: 'other' });
    expect(await other.ask('hello')).toMatchObject({ how: 'answered' });
    faults.recovered();
    expect(await user.ask('afterwards')).toMatchObject({ how: 'answered' });
    for (const pid of pids) expect(alive(pid)).toBe(true);
    faults.userSaw('nothing of it');
  });

  /** Redis refuses writes in a way that is no connection error. */
  const refusals: [string, (world: FaultWorld) => Promise<unknown>, (world: FaultWorld) => Promise<unknown>][] = [
    [
      'out of memory under noeviction',
      (world) => world.redis.admin.config('SET', 'maxmemory', '1'),
      (world) => world.redis.admin.config('SET', 'maxmemory', '0'),
    ],
    [
      'READONLY',
      (world) => world.redis.admin.replicaof('127.0.0.1', '1'),
      (world) => world.redis.admin.replicaof('NO', 'ONE'),
    ],
    [
      'NOREPLICAS',
      (world) => world.redis.admin.config('SET', 'min-replicas-to-write', '1'),
      (world) => world.redis.admin.config('SET', 'min-replicas-to-write', '0'),
    ],
  ];
  for (const [fault, refuse, takeAgain] of refusals)
    row(fault, { world: withOther }, async (world, faults) => {
      const { user, pids } = await conversing(world);
      await faults.inject(fault, async () => {
        world.history.note({ did: 'ledger_away' });
        await refuse(world);
      });
      const needy = await expectOutage(world, user);
      await takeAgain(world);
      world.history.note({ did: 'ledger_back' });
      await expectRecovery(world, user, needy, pids);
      faults.recovered();
      faults.userSaw(outageSaw);
    });

  row('LOADING', { world: withOther }, async (world, faults) => {
    const { user, pids } = await conversing(world);
    const filler = Array.from({ length: 400 }, (_, index) => [`filler:${index}`, 'x']).flat();
    await world.redis.admin.mset(...filler);
    await pause(1_500);
    let loaded: Promise<void> | undefined;
    await faults.inject('restart with a slow load', async () => {
      await world.killRedis();
      // Each key takes 20 ms to load: the server answers LOADING for eight seconds and more.
      loaded = world.restartRedis(['--key-load-delay', '20000', '--loading-process-events-interval-bytes', '1024']);
    });
    const needy = await expectOutage(world, user);
    await loaded;
    await expectRecovery(world, user, needy, pids);
    faults.recovered();
    faults.userSaw(outageSaw);
  });

  row('slow by 50–500 ms', { world: withOther }, async (world, faults) => {
    const random = seeded();
    await faults.inject('delays', () => each(world, ({ redis }) => redis.delay(() => random.whole(25, 250))));
    const user = await world.user('ann');
    expect(await user.ask('hello')).toMatchObject({ how: 'answered' });
    faults.recovered();
    for (const { redis } of world.placed) expect(redis.counts.delayed).toBeGreaterThan(0);
    expect(world.starts('db')).toHaveLength(1);
    faults.userSaw('progress, then the answer, later');
  });

  row('resets and sliced frames', { world: { ...withOther, size: { initializer: 2 } } }, async (world, faults) => {
    const random = seeded();
    await each(world, ({ redis }) => redis.slice(random.whole(16, 512)));
    const user = await world.user('ann');
    const asked = user.send('hello');
    for (let round = 0; round < 5; round++) {
      await pause(random.whole(300, 1_500));
      await faults.inject('reset', () => each(world, ({ redis }) => redis.reset()));
    }
    // Each reset may be the one that a new need meets: then it is told so, and may try again.
    const answer = await user.answerTo(asked);
    if (answer.how === 'rejected') {
      expect(answer.code).toBe('broker_unavailable');
      while ((await user.retry()).type !== 'initialization_completed');
    } else expect(answer).toMatchObject({ how: 'answered' });
    await each(world, ({ redis }) => redis.heal());
    expect(await user.ask('afterwards')).toMatchObject({ how: 'answered' });
    faults.recovered();
    for (const { redis } of world.placed) {
      expect(redis.counts.sliced).toBeGreaterThan(0);
      expect(redis.counts.ended).toBeGreaterThan(0);
    }
    faults.userSaw('progress, then the answer; or `broker_unavailable`, and the answer after a retry');
  });

  row('half-open connection', { representative: true, world: withOther }, async (world, faults) => {
    const { user, pids } = await conversing(world);
    await faults.inject('silence', () => {
      world.history.note({ did: 'ledger_away' });
      return each(world, ({ redis }) => redis.halfOpen());
    });
    const needy = await expectOutage(world, user);
    await pause(9_000);
    await each(world, ({ redis }) => redis.heal());
    world.history.note({ did: 'ledger_back' });
    await expectRecovery(world, user, needy, pids);
    faults.recovered();
    for (const { redis } of world.placed) expect(redis.counts.swallowed).toBeGreaterThan(0);
    faults.userSaw(outageSaw);
  });
});

async function each(world: FaultWorld, act: (placed: Placed) => void): Promise<void> {
  for (const one of world.placed) act(one);
}
