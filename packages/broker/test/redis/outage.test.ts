import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBroker } from '@reveille/broker';
import { launchRedis } from '@reveille/broker/server';
import { BrokerUnavailable, type StampedEntry } from '@reveille/orchestration';
import { Redis } from 'ioredis';
import { describe, expect, test, vi } from 'vitest';
import { Inbox } from '../conformance/inbox.ts';
import { dueAll, readOne, wantOne } from '../conformance/ledger.ts';
import { commitOn, entryOf, instanceOf, reconcileJobOf, startJobOf } from '../conformance/samples.ts';

const agent = instanceOf('agent');
const quickly = { interval: 20, timeout: 30_000 };

describe('Redis frozen', () => {
  test('a call is refused in words within 2.5 seconds, later ones too, and all goes on when it thaws', async () => {
    await using server = await launchRedis();
    await using broker = await connectBroker({ url: server.url });
    await broker.ledger.commit(commitOn(await wantOne(broker, 'e1', agent)));
    process.kill(server.pid, 'SIGSTOP');
    try {
      const started = performance.now();
      await expect(readOne(broker, agent)).rejects.toThrow(BrokerUnavailable);
      expect(performance.now() - started).toBeLessThan(2500);
      expect(broker.unavailable()).toBe('Redis does not answer within 2000 ms');
      for (const call of [
        () => broker.ledger.want('e2', [agent], 1000),
        () => broker.wakeUps.reconcile([reconcileJobOf(agent)]),
        () => broker.wakeUps.start(startJobOf(agent)),
        () => broker.router.publish('e1', [entryOf(agent, 1)]),
        () => broker.timelines.read(agent, 1),
        () => broker.members.alive(),
      ]) {
        await expect(call()).rejects.toThrow(BrokerUnavailable);
      }
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
    await vi.waitFor(() => expect(broker.unavailable()).toBeUndefined(), quickly);
    expect((await readOne(broker, agent)).record?.state).toBe('waiting');
  });

  test('messages of users are counted all the same, by each process for itself', async () => {
    await using server = await launchRedis();
    await using broker = await connectBroker({ url: server.url });
    const rate = { of: 'messages', entrypoint: 'chat', user: 'u1', limit: 5 } as const;
    process.kill(server.pid, 'SIGSTOP');
    try {
      expect(await broker.rates.take(rate, 4)).toMatchObject({ granted: 4 });
      expect(await broker.rates.take({ ...rate, user: 'u2' }, 9)).toMatchObject({ granted: 5 });
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
  });

  test('leases and interest that ran out meanwhile count on for as long as it took', async () => {
    await using server = await launchRedis();
    await using broker = await connectBroker({ url: server.url });
    const lease = { owner: 'i1', ttlMs: 1000 };
    const reading = await wantOne(broker, 'e1', agent, 1000);
    await broker.ledger.commit(commitOn(reading, { lease, record: { epoch: 5 } }));
    process.kill(server.pid, 'SIGSTOP');
    // Fails after 2 s: the lease and the interest have run out by then.
    await expect(readOne(broker, agent)).rejects.toThrow(BrokerUnavailable);
    process.kill(server.pid, 'SIGCONT');
    const after = await vi.waitFor(() => readOne(broker, agent), quickly);
    expect(after.now - reading.now).toBeGreaterThan(1000);
    expect(after.interest.map(({ edge }) => edge)).toEqual(['e1']);
    expect(after.lease?.owner).toBe('i1');
    expect(await dueAll(broker)).toEqual([]);
    expect(await broker.ledger.takeWatch(agent, { owner: 'i2', epoch: 5, ttlMs: 1000 })).toEqual({ held: false });
    expect(await broker.ledger.renew(agent, { ...lease, epoch: 5 })).toEqual({ held: true });
    // By the clock alone it had run out: somebody who knew nothing of the outage may have seen that, and has to look again.
    const renewed = await readOne(broker, agent);
    expect(renewed.token).toBeGreaterThan(after.token);
    expect((await wantOne(broker, 'e1', agent, 1000)).token).toBe(renewed.token);
  });
});

describe('Redis killed', () => {
  test('with its data kept: everybody goes on where they were', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'reveille-broker-'));
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => rm(dir, { recursive: true, force: true }));
    const first = await launchRedis({ dir, persist: true, args: ['--appendfsync', 'always'] });
    await using broker = await connectBroker({ url: first.url });
    const [jobs, entries, routed] = [new Inbox<string>(), new Inbox<StampedEntry>(), new Inbox<number>()];
    await using _jobs = await broker.wakeUps.consume(
      { reconcile: async ({ instance }) => jobs.put(instance), start: async () => undefined },
      { reconcileConcurrency: 2, startConcurrency: 2 },
    );
    await using _journal = await broker.journal.consume('r1', async (batch) => batch.forEach(entries.put));
    await using _edge = await broker.router.subscribe('e1', {
      onEntry: ({ record }) => routed.put(record.revision),
      onGap: () => undefined,
    });
    await broker.ledger.commit(commitOn(await wantOne(broker, 'e1', agent)));
    await entries.count(1);

    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    await expect(readOne(broker, agent)).rejects.toThrow(BrokerUnavailable);
    expect(broker.unavailable()).toMatch(/connection to Redis is lost|cannot be reached/);
    const started = performance.now();
    await expect(wantOne(broker, 'e2', agent)).rejects.toThrow(BrokerUnavailable);
    await expect(broker.wakeUps.reconcile([reconcileJobOf(agent)])).rejects.toThrow(BrokerUnavailable);
    expect(performance.now() - started).toBeLessThan(2500);

    await using second = await launchRedis({ dir, persist: true, port: first.port });
    const reading = await vi.waitFor(() => readOne(broker, agent), quickly);
    expect(second.port).toBe(first.port);
    expect(reading).toMatchObject({ record: { state: 'waiting' }, interest: [{ edge: 'e1' }] });
    await broker.ledger.commit(commitOn(reading, { change: 'queued' }));
    await broker.wakeUps.reconcile([reconcileJobOf(agent)]);
    await vi.waitFor(() => broker.router.publish('e1', [entryOf(agent, 77)]), quickly);
    await entries.until((all) => all.some(({ entry }) => entry.change === 'queued'));
    await jobs.count(1);
    await routed.until((all) => all.includes(77));
  });

  test('every consumer and the broker itself end within their deadlines while it is away', async () => {
    const server = await launchRedis();
    await using broker = await connectBroker({ url: server.url });
    const taken = Promise.withResolvers<void>();
    const consumer = await broker.wakeUps.consume(
      {
        reconcile: async (_job, signal) => {
          taken.resolve();
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        },
        start: async () => undefined,
      },
      { reconcileConcurrency: 2, startConcurrency: 2 },
    );
    const journal = await broker.journal.consume('r1', async () => undefined);
    const edge = await broker.router.subscribe('e1', { onEntry: () => undefined, onGap: () => undefined });
    await broker.wakeUps.reconcile([reconcileJobOf(agent)]);
    await taken.promise;
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    const started = performance.now();
    await consumer[Symbol.asyncDispose]();
    await edge[Symbol.asyncDispose]();
    await journal[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
    expect(performance.now() - started).toBeLessThan(15_000);
    await expect(readOne(broker, agent)).rejects.toThrow(BrokerUnavailable);
    await server[Symbol.asyncDispose]();
  });
});

describe('Redis refusing', () => {
  test('out of memory: refused in words, and served again when there is room', async () => {
    await using server = await launchRedis();
    await using broker = await connectBroker({ url: server.url });
    const redis = new Redis(server.url);
    await redis.config('SET', 'maxmemory', '1');
    await expect(wantOne(broker, 'e1', agent)).rejects.toThrow(/out of memory/);
    await vi.waitFor(() => expect(broker.unavailable()).toMatch(/out of memory/), quickly);
    await redis.config('SET', 'maxmemory', '0');
    await vi.waitFor(() => expect(broker.unavailable()).toBeUndefined(), quickly);
    expect((await wantOne(broker, 'e1', agent)).interest).toHaveLength(1);
    await redis.quit();
  });

  test('a primary that became a replica: refused in words, and served again when it is primary', async () => {
    await using primary = await launchRedis();
    await using server = await launchRedis();
    await using broker = await connectBroker({ url: server.url });
    const redis = new Redis(server.url);
    await redis.replicaof('127.0.0.1', String(primary.port));
    await expect(vi.waitUntil(() => wantOne(broker, 'e1', agent).then(() => false), quickly)).rejects.toThrow(
      BrokerUnavailable,
    );
    await vi.waitFor(() => expect(broker.unavailable()).toMatch(/replica|lost/), quickly);
    await redis.replicaof('NO', 'ONE');
    await vi.waitFor(() => wantOne(broker, 'e1', agent), quickly);
    await redis.quit();
  });
});
