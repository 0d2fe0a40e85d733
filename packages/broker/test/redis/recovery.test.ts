import type { JournalEntry } from '@reveille/contracts';
import { launchRedis } from '@reveille/broker/server';
import { connectBroker } from '@reveille/broker';
import type { StampedEntry } from '@reveille/orchestration';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { Inbox } from '../conformance/inbox.ts';
import { dueAll, readOne, wantOne } from '../conformance/ledger.ts';
import { commitOn, entryOf, instanceOf, reconcileJobOf, startJobOf } from '../conformance/samples.ts';
import { elapse, keysOf } from './elapse.ts';
import { collectingLogger } from './collecting-logger.ts';
import { redisUrl } from './provided-url.ts';
import { redisBench } from './redis-bench.ts';

const agent = instanceOf('agent');
const plan = ['llm', 'data', 'tools', 'agent'].map(instanceOf);
const consumption = { reconcileConcurrency: 1, startConcurrency: 1 };

test('scripts that Redis forgot (restart, SCRIPT FLUSH) are sent again, for several instances at once', async () => {
  await using bench = await redisBench({ url: redisUrl });
  await bench.broker.ledger.want('e1', plan, 10_000);
  await bench.redis.script('FLUSH');
  expect(await bench.broker.ledger.want('e2', plan, 10_000)).toHaveLength(4);
  await bench.redis.script('FLUSH');
  expect(await bench.broker.ledger.commit(commitOn(await readOne(bench.broker, agent)))).toMatchObject({
    committed: true,
  });
  await bench.redis.script('FLUSH');
  await bench.broker.wakeUps.reconcile(plan.map((instance) => reconcileJobOf(instance)));
});

test('after FLUSHALL the journal, the queues and the routing go on, and edges are told of the gap', async () => {
  await using server = await launchRedis();
  const logger = collectingLogger();
  await using broker = await connectBroker({ url: server.url, logger });
  const [entries, routed, gaps, jobs] = [
    new Inbox<StampedEntry>(),
    new Inbox<JournalEntry>(),
    new Inbox<string>(),
    new Inbox<string>(),
  ];
  await using _journal = await broker.journal.consume('r1', async (batch) => batch.forEach(entries.put));
  await using _edge = await broker.router.subscribe('e1', { onEntry: routed.put, onGap: gaps.put });
  await using _jobs = await broker.wakeUps.consume(
    { reconcile: async ({ instance }) => jobs.put(instance), start: async () => undefined },
    consumption,
  );
  const redis = new Redis(server.url);
  await redis.flushall();
  await redis.quit();
  const reading = await wantOne(broker, 'e1', agent);
  await broker.ledger.commit(commitOn(reading));
  await broker.wakeUps.reconcile([reconcileJobOf(agent)]);
  expect((await entries.count(1))[0]?.edges).toEqual(['e1']);
  await jobs.count(1);
  expect(await gaps.count(1)).toEqual(['recovered']);
  await broker.router.publish('e1', [entryOf(agent, 5)]);
  await routed.count(1);
});

test('a record that is none is logged once, and kept aside by the commit that replaces it', async () => {
  const logger = collectingLogger();
  await using bench = await redisBench({ url: redisUrl, logger });
  await bench.putText(agent, '{"version":2}');
  await readOne(bench.broker, agent);
  const reading = await readOne(bench.broker, agent);
  await bench.broker.ledger.commit(commitOn(reading));
  const about = logger.lines.all
    .filter(({ level }) => level === 'error' || level === 'warn')
    .map(({ message }) => message);
  expect(about).toEqual([
    'what is stored for this instance is no record of this version; it counts as absent',
    'replaced what was no record; its text is kept in the field "foreign" of the same key',
  ]);
  const [key] = await bench.redis.keys(`*${bench.namespace}*record:${agent}`);
  expect(await bench.redis.hget(key ?? '', 'foreign')).toBe('{"version":2}');
});

test('a job that is none is logged and dropped, and the next one handled', async () => {
  const logger = collectingLogger();
  await using bench = await redisBench({ url: redisUrl, logger });
  const jobs = new Inbox<string>();
  await using stranger = strangerOf(
    new Queue('reconcile', { connection: bench.redis, prefix: `{${bench.namespace}}` }),
  );
  await stranger.queue.add('reconcile', { version: 2, kind: 'reconcile' });
  await stranger.queue.add('reconcile', { hello: 'world' });
  await using _ = await bench.broker.wakeUps.consume(
    { reconcile: async ({ instance }) => jobs.put(instance), start: async () => undefined },
    consumption,
  );
  await bench.broker.wakeUps.reconcile([reconcileJobOf(agent)]);
  expect(await jobs.count(1)).toEqual([agent]);
  expect(logger.lines.all.filter(({ message }) => message.includes('was dropped'))).toHaveLength(2);
});

test('the signal of a handler aborts when the lock of its job is lost', async () => {
  await using bench = await redisBench({ url: redisUrl });
  const [taken, lost] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using _ = await bench.broker.wakeUps.consume(
    {
      reconcile: async () => undefined,
      start: async (_job, signal) => {
        signal.addEventListener('abort', () => lost.resolve(), { once: true });
        taken.resolve();
        await lost.promise;
      },
    },
    consumption,
  );
  await bench.broker.wakeUps.start(startJobOf(agent));
  await taken.promise;
  const [lock] = await bench.redis.keys(`{${bench.namespace}}:start:*:lock`);
  expect(await bench.redis.del(lock ?? '')).toBe(1);
  await lost.promise;
});

test('an entry that is none is passed over, and acknowledged', async () => {
  const logger = collectingLogger();
  await using bench = await redisBench({ url: redisUrl, logger });
  await bench.redis.xadd(`{${bench.namespace}:p0}:journal`, '*', 'entry', '{"version":9}', 'edges', 'e1');
  const entries = new Inbox<StampedEntry>();
  await using _ = await bench.broker.journal.consume('r1', async (batch) => batch.forEach(entries.put));
  await bench.broker.ledger.commit(commitOn(await readOne(bench.broker, agent)));
  expect((await entries.count(1))[0]?.entry.record.instance).toBe(agent);
  await logger.lines.until((lines) => lines.some(({ message }) => message.includes('no entry of this version')));
  await vi.waitFor(async () => {
    expect(await bench.redis.xpending(`{${bench.namespace}:p0}:journal`, 'relays')).toEqual([0, null, null, null]);
  });
});

test('done jobs leave nothing, consumers of the journal leave their group, and nothing is outside the namespace', async () => {
  await using server = await launchRedis();
  const redis = new Redis(server.url);
  const broker = await connectBroker({ url: server.url, namespace: 'only-here' });
  const done = new Inbox<string>();
  const consumer = await broker.wakeUps.consume(
    { reconcile: async () => done.put('reconcile'), start: async () => done.put('start') },
    consumption,
  );
  const journal = await broker.journal.consume('r1', async () => undefined);
  await broker.wakeUps.reconcile(plan.map((instance) => reconcileJobOf(instance)));
  await broker.wakeUps.start(startJobOf(agent));
  await broker.ledger.commit(commitOn(await readOne(broker, agent)));
  await using edge = await broker.router.subscribe('e1', { onEntry: () => undefined, onGap: () => undefined });
  await done.count(5);
  await consumer[Symbol.asyncDispose]();
  await journal[Symbol.asyncDispose]();
  await edge[Symbol.asyncDispose]();
  await broker[Symbol.asyncDispose]();
  const keys = await redis.keys('*');
  expect(keys.filter((key) => !/^\{only-here(:p\d)?\}:/.test(key))).toEqual([]);
  const queues = keys.filter((key) => /:(reconcile|start):/.test(key));
  expect(queues.filter((key) => !/:(id|meta|events|stalled-check|marker)$/.test(key))).toEqual([]);
  expect(await redis.xinfo('CONSUMERS', '{only-here:p0}:journal', 'relays')).toEqual([]);
  expect((await redis.client('LIST')) as string).not.toContain('only-here');
  await redis.quit();
});

function strangerOf(queue: Queue): AsyncDisposable & { queue: Queue } {
  return { queue, [Symbol.asyncDispose]: () => queue.close() };
}

test('a clock of Redis that went back an hour takes leases and looks with it, once, and that is logged', async () => {
  const logger = collectingLogger();
  await using bench = await redisBench({ url: redisUrl, logger });
  const { broker, redis, namespace } = bench;
  const hourMs = 3_600_000;
  const before = await wantOne(broker, 'e1', agent);
  const held = { record: { state: 'starting' }, lease: { owner: 'i1', ttlMs: 8000 }, attendInMs: 60_000 } as const;
  await broker.ledger.commit(commitOn(before, held));
  await dueAll(broker);
  // As it is after the jump: all that was written down is an hour ahead. The holder is dead and renews nothing.
  await elapse(redis, namespace, -hourMs);
  for (const key of await keysOf(redis, namespace)) if (key.endsWith(':clock')) await redis.incrby(key, hourMs);
  const ahead = await readOne(broker, agent);
  expect((ahead.lease?.until ?? 0) - ahead.now).toBeGreaterThan(hourMs);
  await dueAll(broker);
  const after = await readOne(broker, agent);
  expect((after.lease?.until ?? 0) - after.now).toBeLessThan(9000);
  await dueAll(broker);
  expect((await readOne(broker, agent)).lease?.until).toBe(after.lease?.until);
  const lines = await logger.lines.count(1);
  expect(lines.map(({ level, message }) => [level, message])).toContainEqual([
    'error',
    'the clock of Redis went back: leases and looks of this partition were set back with it',
  ]);
  // The dead holder's start is given to somebody once its lease has run out.
  await elapse(redis, namespace, 9000);
  expect(await dueAll(broker)).toContain(agent);
});
