import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { entriesOf, type HistoryEntry } from '../../src/history/entry.ts';
import { faultRows, type RowOf } from '../../src/rows/row.ts';
import { eventually } from '../../src/world/eventually.ts';
import type { FaultWorld } from '../../src/world/fault-world.ts';
import { logged } from '../../src/world/logged.ts';
import { alive, untilDead } from '../../src/world/processes.ts';

const gated = { services: { db: { flags: ['gated'] }, app: { scope: 'tenant', dependsOn: ['db'] } } } as const;
const two: RowOf['world'] = { ...gated, size: { initializer: 2 } };
/** A holder counts as dead after 8 s; what comes on top is the machine, which other tests keep busy. */
const soonMs = 60_000;
/** What is promised of a start whose worker died, and what a busy machine may add. Who waits for a job to be given back takes 30 s. */
const takeoverMs = { promised: 10_000, slack: 10_000 } as const;

faultRows('worker', (row) => {
  row('SIGKILL before the driver acts', { world: two }, async (world, faults) => {
    await world.file('gate');
    // The claim gets into the ledger, and its holder dies without having heard of it.
    const claimed = world.of('initializer').map((one) => one.redis.holdAfter('\r\nclaimed\r\n', 'down'));
    const user = await world.user('ann');
    const asked = user.ask('hello');
    await Promise.race(claimed);
    // Both may have tried, or neither with success yet: the ledger says who has it.
    await eventually(async () => (await world.record('db'))?.owner !== undefined, 'nobody holds db');
    const { holder, other } = await world.holderOf('db');
    other?.redis.heal();
    expect(world.starts('db')).toEqual([]);
    await faults.inject('SIGKILL', () => world.signal(holder, 'SIGKILL'));
    expect(await asked).toMatchObject({ how: 'answered' });
    expect(faults.recovered()).toBeLessThan(soonMs);
    expect(world.starts('db')).toHaveLength(1);
    expect(await world.record('db')).toMatchObject({ attempt: 2 });
    await takenOver(world, 'db');
    faults.userSaw('progress, then the answer');
  });

  row('SIGKILL between start and ready commit', { representative: true, world: two }, async (world, faults) => {
    const user = await world.user('ann');
    const asked = user.ask('hello');
    const first = await world.started('db');
    const { holder, other } = await world.holderOf('db');
    await faults.inject('SIGKILL', () => world.signal(holder, 'SIGKILL'));
    await world.file('gate');
    expect(await asked).toMatchObject({ how: 'answered' });
    expect(faults.recovered()).toBeLessThan(soonMs);
    expect(await world.record('db')).toMatchObject({ generation: first.generation, attempt: 2 });
    expect((await world.holderOf('db')).holder).toBe(other);
    await takenOver(world, 'db');
    await untilDead(first.pid);
    expect(world.starts('db')).toHaveLength(2);
    faults.userSaw('progress of a second attempt, then the answer');
  });

  row('SIGKILL after the ready commit, before the job completes', { world: two }, async (world, faults) => {
    const both = world.of('initializer');
    const user = await world.user('ann');
    const asked = user.ask('hello');
    await world.started('db');
    const { holder } = await world.holderOf('db');
    const committed = holder.redis.holdAfter('\r\nready\r\n', 'down');
    await world.file('gate');
    await committed;
    await faults.inject('SIGKILL', () => world.signal(holder, 'SIGKILL'));
    expect(await asked).toMatchObject({ how: 'answered' });
    expect(faults.recovered()).toBeLessThan(soonMs);
    expect(both).toHaveLength(2);
    // What died with its initializer is found to be lost, also by nobody who talks to it, and its next generation is a higher one.
    const [before] = readyGenerations(world.history.all(), 'db');
    await world.until('db', ({ state, generation }) => state === 'ready' && generation > (before ?? Infinity));
    await world.until('app', ({ state, generation }) => state === 'ready' && generation > 0);
    const after = await user.ask('afterwards');
    expect(after.how).toMatch(/answered|interrupted/);
    faults.userSaw('progress, the loss as progress of the next generation, then the answer');
  });

  row('SIGKILL after ready, in the middle of a conversation', { world: two }, async (world, faults) => {
    await world.file('gate');
    const user = await world.user('ann');
    const before = await user.ask('one');
    const { holder } = await world.holderOf('app');
    await faults.inject('SIGKILL', () => world.signal(holder, 'SIGKILL'));
    await user.next('interrupted');
    const after = await user.ask('two');
    expect(faults.recovered()).toBeLessThan(soonMs);
    expect(after).toMatchObject({ how: 'answered' });
    if (before.how === 'answered' && after.how === 'answered')
      expect(after.generation).toBeGreaterThan(before.generation);
    faults.userSaw('`interrupted`, progress, then the answer of the next generation');
  });

  row('SIGKILL of the only initializer of a host', { world: gated }, async (world, faults) => {
    const user = await world.user('ann');
    const asked = user.ask('hello');
    const first = await world.started('db');
    const holder = world.the('initializer');
    await world.add('initializer', { REVEILLE_HOST_ID: 'elsewhere' });
    await faults.inject('SIGKILL', () => world.signal(holder, 'SIGKILL'));
    await world.file('gate');
    expect(await asked).toMatchObject({ how: 'answered' });
    expect(faults.recovered()).toBeLessThan(soonMs);
    expect(await world.record('db')).toMatchObject({ host: 'elsewhere', attempt: 2 });
    await takenOver(world, 'db');
    await untilDead(first.pid);
    faults.userSaw('progress of a second attempt, then the answer');
  });

  row('SIGSTOP past the lease', { representative: true, world: two }, async (world, faults) => {
    const user = await world.user('ann');
    const asked = user.ask('hello');
    const first = await world.started('db');
    const { holder } = await world.holderOf('db');
    await faults.inject('SIGSTOP', () => world.signal(holder, 'SIGSTOP'));
    await world.until('db', (record) => record.attempt === 2);
    await world.file('gate');
    const ready = await world.until('db', (record) => record.state === 'ready');
    expect(await asked).toMatchObject({ how: 'answered' });
    faults.recovered();
    world.signal(holder, 'SIGCONT');
    // By its lease or by its probe, whichever it hears of first.
    await logged(holder, /the claim is lost|no longer ours/);
    expect(await world.record('db')).toMatchObject({ state: 'ready', epoch: ready.epoch, owner: ready.owner });
    expect(world.starts('db')).toHaveLength(1);
    expect(await (await fetch(ready.endpoint?.url ?? '')).text()).toBe(String(first.pid));
    faults.userSaw('progress of a second attempt that adopts the first, then the answer');
  });

  row('SIGSTOP within the lease', { world: two }, async (world, faults) => {
    const user = await world.user('ann');
    const asked = user.ask('hello');
    await world.started('db');
    const { holder } = await world.holderOf('db');
    const before = await world.record('db');
    await faults.inject('SIGSTOP', () => world.signal(holder, 'SIGSTOP'));
    await world.file('gate');
    await pause(2_000);
    world.signal(holder, 'SIGCONT');
    expect(await asked).toMatchObject({ how: 'answered' });
    faults.recovered();
    expect(await world.record('db')).toMatchObject({ attempt: 1, epoch: before?.epoch, owner: before?.owner });
    faults.userSaw('nothing of it');
  });

  const preload = fileURLToPath(new URL('../../src/world/block-on-signal.ts', import.meta.url));
  row(
    'event loop blocked for two leases',
    { world: { ...two, env: { NODE_OPTIONS: `--import=${preload}` } } },
    async (world, faults) => {
      const user = await world.user('ann');
      const asked = user.ask('hello');
      const first = await world.started('db');
      const { holder } = await world.holderOf('db');
      await faults.inject('SIGUSR2', () => world.signal(holder, 'SIGUSR2'));
      await world.until('db', (record) => record.attempt === 2);
      await world.file('gate');
      const ready = await world.until('db', (record) => record.state === 'ready');
      expect(await asked).toMatchObject({ how: 'answered' });
      faults.recovered();
      await logged(holder, /the claim is lost|no longer ours/);
      expect(await world.record('db')).toMatchObject({ state: 'ready', epoch: ready.epoch });
      expect(world.starts('db')).toHaveLength(1);
      expect(alive(first.pid)).toBe(true);
      faults.userSaw('progress of a second attempt that adopts the first, then the answer');
    },
  );

  row('SIGTERM during a start', { world: two }, async (world, faults) => {
    const user = await world.user('ann');
    const asked = user.ask('hello');
    const first = await world.started('db');
    const { holder } = await world.holderOf('db');
    await faults.inject('SIGTERM', () => world.signal(holder, 'SIGTERM'));
    await world.started('db', 2);
    // Before BullMQ would give the job of one that did not end well to another. That it did not wait for the lease shows in the attempt.
    await world.file('gate');
    expect(await asked).toMatchObject({ how: 'answered' });
    faults.recovered();
    expect(await world.record('db')).toMatchObject({ attempt: 1 });
    expect(await holder.deployable.exited).toBe(0);
    expect(alive(first.pid)).toBe(false);
    faults.userSaw('progress, then the answer');
  });

  row('SIGTERM with Redis down', { world: two }, async (world, faults) => {
    const user = await world.user('ann');
    const asked = user.ask('hello');
    const first = await world.started('db');
    const { holder } = await world.holderOf('db');
    holder.redis.cut();
    await faults.inject('SIGTERM', () => world.signal(holder, 'SIGTERM'));
    await holder.deployable.exited;
    await untilDead(first.pid);
    await world.file('gate');
    expect(await asked).toMatchObject({ how: 'answered' });
    expect(faults.recovered()).toBeLessThan(soonMs);
    faults.userSaw('progress of a second attempt, then the answer');
  });
});

/** By the history: from the fault to the next claim. */
async function takenOver(world: FaultWorld, service: string): Promise<void> {
  await world.tail.caughtUp();
  const history = world.history.all();
  const died = entriesOf(history, 'fault')[0]?.at ?? Number.NaN;
  const claims = entriesOf(history, 'commit').filter(
    ({ entry }) => entry.change === 'claimed' && entry.record.service === service && entry.at > died,
  );
  const tookMs = (claims[0]?.entry.at ?? Number.NaN) - died;
  expect(tookMs, 'from the death to the next claim').toBeLessThan(takeoverMs.promised + takeoverMs.slack);
}

function readyGenerations(history: readonly HistoryEntry[], service: string): number[] {
  return entriesOf(history, 'commit')
    .filter(({ entry }) => entry.change === 'ready' && entry.record.service === service)
    .map(({ entry }) => entry.record.generation);
}
