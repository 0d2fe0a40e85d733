import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { Balancer } from '../../src/balancer.ts';
import { entriesOf } from '../../src/history/entry.ts';
import { faultRows } from '../../src/rows/row.ts';
import type { FaultWorld } from '../../src/world/fault-world.ts';
import { untilDead } from '../../src/world/processes.ts';
import { balance, expectNothingLost, rollDuringAStart, slow } from '../../src/world/rolling.ts';
import { goOn, Talker } from '../../src/world/talker.ts';

const gated = { services: { db: { flags: ['gated'] }, app: { scope: 'tenant', dependsOn: ['db'] } } } as const;
const hourMs = 3_600_000;
/** What is told may be off by what a busy machine adds, and not by any share of an hour. Milliseconds. */
const saneMs = 60_000;
const talkers = 8;
/** More messages per second than anybody sends here: this is not about those. */
const limits = { connectionsPerUser: 100, heldMessages: 64, messagesPerSecond: 1_000 };

faultRows('change', (row) => {
  row(
    'rolling restart of every deployable under load',
    {
      world: {
        services: { db: {}, app: { scope: 'tenant', dependsOn: ['db'] }, slow: slow.service },
        chat: { limits },
        entrypoints: { slow: slow.entrypoint },
        size: { edge: 2, initializer: 2, relay: 2 },
        direct: true,
      },
    },
    async (world, faults) => {
      await using balancer = await Balancer.listen();
      await balance(world, balancer);
      const users = Array.from({ length: talkers }, (_, at) => new Talker(world, `user-${at}`, balancer.url));
      const waiters: Talker[] = [];
      try {
        await goOn(users);
        for (const kind of ['edge', 'relay', 'initializer'] as const)
          waiters.push(await rollDuringAStart(kind, { world, faults, balancer, users }));
        await Promise.all(users.map((user) => user.stop()));
      } finally {
        for (const { client } of users) client.close();
      }
      faults.userSaw(expectNothingLost(world, [...users, ...waiters]));
      // What an initializer started as a process went with it, and came back.
      for (const service of ['db', 'app']) expect(world.starts(service).length).toBeGreaterThan(1);
      // Every edge went away under its users.
      expect(Math.min(...users.map(({ resumed }) => resumed))).toBeGreaterThan(0);
    },
  );

  row(
    'catalog changed during a start',
    { representative: true, world: { ...gated, size: { initializer: 2 } } },
    async (world, faults) => {
      const user = await world.user('ann');
      const asked = user.ask('hello');
      const first = await world.started('db');
      // What is under way is declared otherwise, and what starts after it gets one more dependency.
      await faults.inject('another catalog', () =>
        world.replaceCatalog({
          services: {
            db: { flags: ['gated', 'changed'] },
            cache: {},
            app: { scope: 'tenant', dependsOn: ['db', 'cache'] },
          },
        }),
      );
      await world.file('gate');
      expect(await asked).toMatchObject({ how: 'answered' });
      faults.recovered();
      expect(await user.ask('afterwards')).toMatchObject({ how: 'answered' });
      const [db, ...more] = world.starts('db');
      expect({ pid: db?.pid, more }).toEqual({ pid: first.pid, more: [] });
      expect(world.starts('app')).toHaveLength(1);
      faults.userSaw('progress, then the answer');
    },
  );

  const preload = fileURLToPath(new URL('../../src/world/shifted-clock.ts', import.meta.url));
  row(
    'clock +1 h and −1 h, and set by two hours during a start',
    { world: { ...gated, size: { edge: 0, initializer: 0 }, env: { NODE_OPTIONS: `--import=${preload}` } } },
    async (world, faults) => {
      const set = (aheadMs: number) => ({ TEST_CLOCK_AHEAD_MS: String(aheadMs) });
      for (const kind of ['edge', 'initializer'] as const)
        for (const aheadMs of [hourMs, -hourMs]) await world.add(kind, set(aheadMs));
      const [ann, ben] = await Promise.all([world.user('ann', { edge: 0 }), world.user('ben', { edge: 1 })]);
      const asked = [ann.ask('hello'), ben.ask('hello')];
      const first = await world.started('db');
      await faults.inject('clocks are set', () => {
        for (const one of [...world.of('edge'), ...world.of('initializer')]) world.signal(one, 'SIGUSR2');
      });
      await world.file('gate');
      for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ how: 'answered' });
      faults.recovered();
      expect(world.starts('db')).toHaveLength(1);
      expect(world.starts('app')).toHaveLength(1);
      expect(await world.record('db')).toMatchObject({ attempt: 1 });
      // Who dies with a wrong clock is followed after the lease, and not after an hour.
      const { holder } = await world.holderOf('db');
      await faults.inject('SIGKILL of an initializer', () => world.signal(holder, 'SIGKILL'));
      await untilDead(first.pid);
      await Promise.all([ann, ben].map((user) => user.next('interrupted')));
      for (const user of [ann, ben]) expect(await user.ask('afterwards')).toMatchObject({ how: 'answered' });
      expect(faults.recovered()).toBeLessThan(saneMs);
      expectSaneTimes(world);
      faults.userSaw('nothing of it; after the death of an initializer `interrupted`, progress, then the answer');
    },
  );
});

/** What users were told of time agrees with the clock of those who heard it. */
function expectSaneTimes(world: FaultWorld): void {
  const history = world.history.all();
  const beganAt = history[0]?.at ?? 0;
  for (const { at, frame } of entriesOf(history, 'frame')) {
    if ('at' in frame) expect(Math.abs(frame.at - at)).toBeLessThan(saneMs);
    for (const name of ['elapsedMs', 'durationMs', 'expectedMs'] as const)
      if (name in frame) expect(Number(Object(frame)[name] ?? 0)).toBeLessThan(at - beganAt + saneMs);
  }
}
