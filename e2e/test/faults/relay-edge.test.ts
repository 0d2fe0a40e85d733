import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { faultRows } from '../../src/rows/row.ts';
import { crowd, shareOf } from '../../src/world/crowd.ts';
import { logged } from '../../src/world/logged.ts';
import { seeded } from '../../src/seed.ts';

const gated = { services: { db: { flags: ['gated'] }, app: { scope: 'tenant', dependsOn: ['db'] } } } as const;
faultRows('relay, edge', (row) => {
  row(
    'relay killed between read and acknowledge',
    { world: { ...gated, size: { relay: 2 } } },
    async (world, faults) => {
      const both = world.of('relay');
      const held = both.map(async (one) => {
        await one.redis.holdAfter('xack', 'up');
        return one;
      });
      const user = await world.user('ann');
      const asked = user.ask('hello');
      const reader = await Promise.race(held.map((one) => one.catch(() => undefined)));
      await faults.inject('SIGKILL', () => reader && world.signal(reader, 'SIGKILL'));
      for (const one of both) if (one !== reader) one.redis.heal();
      await world.file('gate');
      expect(await asked).toMatchObject({ how: 'answered' });
      faults.recovered();
      faults.userSaw('progress, then the answer');
    },
  );

  row('events lost', { world: gated }, async (world, faults) => {
    await faults.inject('SIGSTOP of the only relay', () => world.signal(world.the('relay'), 'SIGSTOP'));
    const user = await world.user('ann');
    const asked = user.ask('hello');
    await world.started('db');
    await world.file('gate');
    expect(await asked).toMatchObject({ how: 'answered' });
    faults.recovered();
    world.signal(world.the('relay'), 'SIGCONT');
    expect(user.of('service_completed').map(({ service }) => service)).toEqual(['db', 'app']);
    faults.userSaw('progress each two seconds, then the answer');
  });

  row('events doubled and out of order', { representative: true }, async (world, faults) => {
    const random = seeded();
    const user = await world.user('ann');
    const asked = user.ask('hello');
    for (let round = 0; round < 20; round++) {
      await pause(100);
      const journals = await world.redis.admin.keys(`{${world.namespace}:p*}:journal`);
      const entries = await Promise.all(
        journals.map(async (journal) =>
          (await world.redis.admin.xrange(journal, '-', '+')).map(([, fields]) => [journal, fields] as const),
        ),
      );
      if (entries.flat().length === 0) continue;
      const [journal, fields] = random.pick(entries.flat());
      await faults.inject('XADD of an old entry', () => world.redis.admin.xadd(journal, '*', ...fields));
    }
    expect(await asked).toMatchObject({ how: 'answered' });
    expect(await user.ask('afterwards')).toMatchObject({ how: 'answered' });
    faults.recovered();
    expect(world.starts('db')).toHaveLength(1);
    faults.userSaw('nothing of it');
  });

  row('edge killed with 1,000 sockets', { world: { size: { edge: 2 }, direct: true } }, async (world, faults) => {
    const users = await crowd(world, shareOf(1_000), [0]);
    await Promise.all(users.map((user) => user.untilReady()));
    await Promise.all(users.slice(0, 50).map((user) => user.ask('before')));
    await faults.inject('SIGKILL', () => world.signal(world.the('edge', 0), 'SIGKILL'));
    await Promise.all(users.map((user) => user.closed()));
    const back = await crowd(world, users.length, [1]);
    await Promise.all(back.map((user) => user.untilReady()));
    const answers = await Promise.all(back.map((user) => user.ask('again')));
    faults.recovered();
    expect(answers.filter(({ how }) => how !== 'answered')).toEqual([]);
    expect(world.starts('app')).toHaveLength(1);
    faults.userSaw('a broken connection; warm on another edge');
  });

  row('edge SIGTERM with 2,000 sockets', { world: { size: { edge: 2 }, direct: true } }, async (world, faults) => {
    const users = await crowd(world, shareOf(2_000), [0]);
    await Promise.all(users.map((user) => user.untilReady()));
    await faults.inject('SIGTERM', () => world.signal(world.the('edge', 0), 'SIGTERM'));
    const codes = await Promise.all(users.map((user) => user.closed()));
    expect(new Set(codes)).toEqual(new Set([1012]));
    expect(users.filter((user) => user.of('draining').length !== 1)).toEqual([]);
    const back = await crowd(world, users.length, [1]);
    await Promise.all(back.map((user) => user.untilReady()));
    const answers = await Promise.all(back.map((user) => user.ask('again')));
    faults.recovered();
    expect(answers.filter(({ how }) => how !== 'answered')).toEqual([]);
    expect(await world.the('edge', 0).deployable.exited).toBe(0);
    expect(world.starts('app')).toHaveLength(1);
    faults.userSaw('`draining`, close 1012; warm on another edge');
  });

  row('slow client', { world: { direct: true } }, async (world, faults) => {
    const slow = await world.user('slow');
    const other = await world.user('other');
    await Promise.all([slow.untilReady(), other.untilReady()]);
    expect(await slow.ask('hello')).toMatchObject({ how: 'answered' });
    await faults.inject('stops reading', () => {
      slow.send({ text: 'much', parts: 400, bytes: 60_000 });
      slow.socket.pause();
    });
    expect(await other.ask('meanwhile')).toMatchObject({ how: 'answered' });
    // What the edge keeps for it is bounded: the service is paused, and then the client is closed.
    await logged(world.the('edge'), /a client does not read/);
    slow.socket.resume();
    expect(await slow.closed()).toBe(4008);
    expect(await other.ask('afterwards')).toMatchObject({ how: 'answered' });
    faults.recovered();
    faults.userSaw('its service waits for it, then close 4008; others notice nothing');
  });

  row('client that never answers pings', { world: { env: { REVEILLE_HEARTBEAT: '1s' } } }, async (world, faults) => {
    let mute: Awaited<ReturnType<typeof world.user>> | undefined;
    await faults.inject('no pong', async () => (mute = await world.user('mute', { mute: true })));
    const other = await world.user('other');
    expect(await mute?.closed()).toBe(4012);
    faults.recovered();
    expect(await other.ask('hello')).toMatchObject({ how: 'answered' });
    faults.userSaw('close 4012; others notice nothing');
  });

  row(
    '5,000 users on one cold plan',
    { world: { ...gated, size: { edge: 2 }, direct: true } },
    async (world, faults) => {
      let users: Awaited<ReturnType<typeof crowd>> = [];
      await faults.inject('a herd', async () => (users = await crowd(world, shareOf(5_000), [0, 1])));
      await world.file('gate');
      await Promise.all(users.map((user) => user.untilReady()));
      faults.recovered();
      expect(world.starts('db')).toHaveLength(1);
      expect(world.starts('app')).toHaveLength(1);
      faults.userSaw('one start, the same progress for all');
    },
  );

  row(
    '5,000 users returning after a failure',
    {
      world: {
        services: {
          app: { flags: ['failing'], scope: 'tenant', retry: { attempts: 1, backoffMs: 10 }, cooldownMs: 4_000 },
        },
        size: { edge: 2 },
        direct: true,
      },
    },
    async (world, faults) => {
      const users = await crowd(world, shareOf(5_000), [0, 1]);
      await Promise.all(users.map((user) => user.next('initialization_failed')));
      const before = world.starts('app').length;
      await faults.inject('all come back', () => world.file('mended'));
      await Promise.all(users.map((user) => user.untilReady()));
      faults.recovered();
      // One trial for everybody.
      expect(world.starts('app').length - before).toBe(1);
      faults.userSaw('one failure with the time to come back; one trial for all');
    },
  );
});
