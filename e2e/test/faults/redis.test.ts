import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { alive, FaultWorld, untilDead } from './fault-world.ts';

const db = '  db: { WITNESS, deadlineMs: 120000, retry: { attempts: 5, backoffMs: 10 } }';

describe.concurrent('Redis', { timeout: 180_000 }, () => {
  test('killed and restarted with its append-only file during a start: the start goes on, once, and what became ready meanwhile is not killed', async () => {
    await using world = await FaultWorld.create(db);
    await Promise.all([world.initializer(), world.initializer()]);
    await world.wake('db');
    const first = await world.started('db');
    // The append-only file is written each second: what is older than that is kept.
    await world.until('db', (record) => record.state === 'starting' && record.progress?.phase === 'probing');
    await world.killRedis();
    await world.openGate();
    await world.listening('db');
    await world.restartRedis();
    await world.wake('db');
    const ready = await world.until('db', (record) => record.state === 'ready');
    expect(await (await fetch(ready.endpoint?.url ?? '')).text()).toBe(String(first.pid));
    expect(await world.starts('db')).toHaveLength(1);
    expect((await world.history()).filter((line) => line.what === 'term')).toEqual([]);
  });

  test('killed after ready and restarted: nothing is lost, nothing is started anew', async () => {
    await using world = await FaultWorld.create(db);
    await world.initializer();
    await world.openGate();
    await world.wake('db');
    const before = await world.until('db', (record) => record.state === 'ready');
    await world.killRedis();
    await world.restartRedis();
    await world.wake('db');
    // Its watch renews again, and so it is somebody's.
    const after = await world.until('db', (record) => record.state === 'ready');
    expect(after.generation).toBe(before.generation);
    expect(await world.starts('db')).toHaveLength(1);
    expect(alive((await world.starts('db'))[0]?.pid ?? 0)).toBe(true);
  });

  test('emptied: what is still wanted starts as a higher generation, and what nobody claims any more is reaped', async () => {
    await using world = await FaultWorld.create(`${db}\n  idle: { WITNESS }`);
    await world.initializer();
    await world.openGate();
    await world.wake('db', 'idle');
    const before = await world.until('db', (record) => record.state === 'ready');
    await world.until('idle', (record) => record.state === 'ready');
    const [old, forgotten] = [await world.started('db'), await world.started('idle')];
    const redis = new Redis(world.redisUrl);
    await redis.flushall();
    redis.disconnect();
    await world.wake('db');
    const after = await world.until('db', (record) => record.state === 'ready');
    expect(after.generation).toBeGreaterThan(before.generation);
    await untilDead(old.pid);
    await untilDead(forgotten.pid);
    expect(await world.record('idle')).toBeUndefined();
    expect(alive((await world.started('db', 2)).pid)).toBe(true);
  });
});
