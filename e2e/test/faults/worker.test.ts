import { describe, expect, test } from 'vitest';
import { alive, FaultWorld, logged, untilDead } from './fault-world.ts';

const db = '  db: { WITNESS, deadlineMs: 120000, retry: { attempts: 5, backoffMs: 10 } }';
/** A holder counts as dead after 8 s; what comes on top is the machine, which other tests keep busy. */
const soonMs = 40_000;

async function during<T>(work: () => Promise<T>): Promise<{ result: T; tookMs: number }> {
  const since = performance.now();
  return { result: await work(), tookMs: performance.now() - since };
}

describe.concurrent('an initializer that dies', { timeout: 180_000 }, () => {
  test('by SIGKILL during a start: another one makes the next attempt of the same generation', async () => {
    await using world = await FaultWorld.create(db);
    await Promise.all([world.initializer(), world.initializer()]);
    await world.wake('db');
    const first = await world.started('db');
    const { holder, other } = await world.holderOf('db');
    holder.child.kill('SIGKILL');
    await world.openGate();
    const { result: ready, tookMs } = await during(() => world.until('db', (record) => record.state === 'ready'));
    expect(ready).toMatchObject({ generation: Number(first.generation), attempt: 2 });
    expect((await world.holderOf('db')).holder).toBe(other);
    expect(tookMs).toBeLessThan(soonMs);
    await untilDead(first.pid);
    expect(await world.starts('db')).toHaveLength(2);
  });

  test('by SIGKILL after ready: what died with it is seen to be lost and started again as a higher generation', async () => {
    await using world = await FaultWorld.create(db);
    await Promise.all([world.initializer(), world.initializer()]);
    await world.openGate();
    await world.wake('db');
    const before = await world.until('db', (record) => record.state === 'ready');
    const { holder } = await world.holderOf('db');
    holder.child.kill('SIGKILL');
    const { tookMs } = await during(() =>
      world.until('db', (record) => record.state === 'ready' && record.generation > before.generation),
    );
    expect(tookMs).toBeLessThan(soonMs);
    expect(await world.starts('db')).toHaveLength(2);
  });

  test('by SIGKILL, the only one of its host: one of another host goes on once that host counts as dead', async () => {
    await using world = await FaultWorld.create(db);
    const first = await world.initializer('host-a');
    await world.wake('db');
    await world.started('db');
    await world.initializer('host-b');
    first.child.kill('SIGKILL');
    await world.openGate();
    const ready = await world.until('db', (record) => record.state === 'ready');
    expect(ready).toMatchObject({ host: 'host-b', attempt: 2 });
  });

  test('by SIGTERM during a start: lets go, and another one takes it at once, the attempt uncounted', async () => {
    await using world = await FaultWorld.create(db);
    await Promise.all([world.initializer(), world.initializer()]);
    await world.wake('db');
    const first = await world.started('db');
    const { holder } = await world.holderOf('db');
    holder.child.kill('SIGTERM');
    const { tookMs } = await during(() => world.started('db', 2));
    // Before BullMQ would give the job of one that did not end well to another. That it did not wait for the lease shows in the attempt.
    expect(tookMs).toBeLessThan(18_000);
    await world.openGate();
    expect(await world.until('db', (record) => record.state === 'ready')).toMatchObject({ attempt: 1 });
    expect(await holder.exited).toBe(0);
    expect(alive(first.pid)).toBe(false);
  });

  test('frozen past its lease it acts no more when it wakes: what another adopted is neither doubled nor killed', async () => {
    await using world = await FaultWorld.create(db);
    await Promise.all([world.initializer(), world.initializer()]);
    await world.wake('db');
    const first = await world.started('db');
    const { holder } = await world.holderOf('db');
    holder.child.kill('SIGSTOP');
    await world.until('db', (record) => record.attempt === 2);
    await world.openGate();
    const ready = await world.until('db', (record) => record.state === 'ready');
    holder.child.kill('SIGCONT');
    // By its lease or by its probe, whichever it hears of first.
    await logged(holder, /the claim is lost|no longer ours/);
    expect(await world.record('db')).toMatchObject({ state: 'ready', epoch: ready.epoch, owner: ready.owner });
    expect(await world.starts('db')).toHaveLength(1);
    expect(await (await fetch(ready.endpoint?.url ?? '')).text()).toBe(String(first.pid));
  });

  test('frozen within its lease it goes on as if nothing had been', async () => {
    await using world = await FaultWorld.create(db);
    await Promise.all([world.initializer(), world.initializer()]);
    await world.wake('db');
    await world.started('db');
    const { holder } = await world.holderOf('db');
    const before = await world.record('db');
    holder.child.kill('SIGSTOP');
    await world.openGate();
    await world.listening('db');
    holder.child.kill('SIGCONT');
    const ready = await world.until('db', (record) => record.state === 'ready');
    expect(ready).toMatchObject({ attempt: 1, epoch: before?.epoch, owner: before?.owner });
  });
});
