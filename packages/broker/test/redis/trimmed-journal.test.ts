import { setTimeout as pause } from 'node:timers/promises';
import type { StampedEntry, Trimmed } from '@reveille/orchestration';
import { connectBroker } from '@reveille/broker';
import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { partitionOf } from '../../src/key/partition.ts';
import { Inbox } from '../conformance/inbox.ts';
import { readOne } from '../conformance/ledger.ts';
import { commitOn, instanceOf } from '../conformance/samples.ts';
import { collectingLogger } from './collecting-logger.ts';
import { redisUrl } from './provided-url.ts';
import { type RedisBench, redisBench } from './redis-bench.ts';

const agent = instanceOf('agent');
const partition = partitionOf(agent, 8);
const changes = ['wanted', 'queued', 'claimed', 'ready', 'stopping'] as const;

/** A bench, what its journal lost, and who reads it. */
async function trimming() {
  const logger = collectingLogger();
  const bench = await redisBench({ url: redisUrl, logger });
  const [entries, lost] = [new Inbox<StampedEntry>(), new Inbox<Trimmed>()];
  return {
    ...{ bench, entries, lost, journal: `{${bench.namespace}:p${partition}}:journal` },
    read: (consumer: string, onEntries = async (batch: readonly StampedEntry[]) => batch.forEach(entries.put)) =>
      bench.broker.journal.consume(consumer, onEntries, async (some) => some.forEach(lost.put)),
    lines: () => logger.lines.all.filter(({ message }) => message.includes('trimmed')),
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  };
}

async function commitEach(bench: RedisBench): Promise<void> {
  for (const change of changes)
    await bench.broker.ledger.commit(commitOn(await readOne(bench.broker, agent), { change }));
}

test('what was trimmed before any relay read it is told once, with how many, and the rest is read', async () => {
  await using world = await trimming();
  const { bench, entries, lost, journal } = world;
  const first = await world.read('r1');
  await commitEach(bench);
  await entries.count(5);
  await first[Symbol.asyncDispose]();
  await commitEach(bench);
  await bench.redis.xtrim(journal, 'MAXLEN', 2);
  await using _one = await world.read('r1');
  await using _two = await world.read('r2');
  expect(await lost.count(1)).toEqual([{ partition, entries: 3, state: 'unread' }]);
  expect((await entries.count(7)).slice(5).map(({ entry }) => entry.change)).toEqual(['ready', 'stopping']);
  expect(world.lines()).toEqual([
    {
      level: 'error',
      fields: { partition, entries: 3, state: 'unread' },
      message: expect.stringMatching(
        /^3 journal entries were trimmed before any relay had read that far: edges .* again/,
      ),
    },
  ]);
});

test('so is what was trimmed before the first relay ever came, also when nothing is left', async () => {
  await using world = await trimming();
  await commitEach(world.bench);
  await world.bench.redis.xtrim(world.journal, 'MAXLEN', 0);
  await using _one = await world.read('r1');
  expect(await world.lost.count(1)).toEqual([{ partition, entries: 5, state: 'unread' }]);
  await commitEach(world.bench);
  await world.entries.count(5);
});

test('a relay that falls behind while it reads finds out, and not only at its next start', async () => {
  await using world = await trimming();
  const { bench, entries, lost, journal } = world;
  const [taken, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await using _ = await world.read('r1', async (batch) => {
    batch.forEach(entries.put);
    taken.resolve();
    await go.promise;
  });
  await bench.broker.ledger.commit(commitOn(await readOne(bench.broker, agent)));
  await taken.promise;
  await commitEach(bench);
  await bench.redis.xtrim(journal, 'MAXLEN', 1);
  // What it has in hand takes long enough for it to know that it is behind.
  await pause(1100);
  go.resolve();
  expect(await lost.until((all) => all.some(({ state }) => state === 'unread'))).toContainEqual({
    ...{ partition, entries: 4, state: 'unread' },
  });
});

test('what was trimmed while a dead relay had it is told by who takes over', async () => {
  await using world = await trimming();
  const { bench, lost, journal } = world;
  const taken = Promise.withResolvers<void>();
  const dead = await world.read('dead', () => {
    taken.resolve();
    return new Promise(() => undefined);
  });
  await bench.broker.ledger.commit(commitOn(await readOne(bench.broker, agent)));
  await taken.promise;
  await dead[Symbol.asyncDispose]();
  // In this order: who claims an entry that is gone removes it, and so does what lets time pass.
  await bench.elapse(3000);
  await bench.redis.xtrim(journal, 'MAXLEN', 0);
  await using _ = await world.read('r1');
  expect(await lost.count(1)).toEqual([{ partition, entries: 1, state: 'unacknowledged' }]);
  expect(world.lines().map(({ message }) => message)).toEqual([
    expect.stringContaining('1 journal entry was trimmed in the hands of a relay'),
  ]);
  expect(await bench.redis.xpending(journal, 'relays')).toEqual([0, null, null, null]);
});

test('Redis 6.2 gives what was trimmed without its id: it is found, told and acknowledged all the same', async () => {
  await using world = await trimming();
  const { bench, entries, lost, journal } = world;
  // As 6.2 answers: the entry goes to the claimer, and nothing stands for it.
  const claim = vi.spyOn(Redis.prototype, 'xautoclaim').mockImplementation((async (key: string) => {
    const [pending] = (await bench.redis.xpending(key, 'relays')) as [number];
    return ['0-0', Array.from({ length: pending }, () => null)];
  }) as never);
  try {
    await using _ = await world.read('r1', async (batch) => {
      batch.forEach(entries.put);
      if (entries.all.length === 1) {
        await bench.redis.xtrim(journal, 'MAXLEN', 0);
        throw new Error('not now');
      }
    });
    await bench.broker.ledger.commit(commitOn(await readOne(bench.broker, agent)));
    expect(await lost.count(1)).toEqual([{ partition, entries: 1, state: 'unacknowledged' }]);
    expect(await bench.redis.xpending(journal, 'relays')).toEqual([0, null, null, null]);
    await commitEach(bench);
    await entries.count(6);
  } finally {
    claim.mockRestore();
  }
});

test('entries that were read before they were trimmed are not missed, nor is a journal that is only new', async () => {
  await using world = await trimming();
  const { bench, entries } = world;
  await commitEach(bench);
  const first = await world.read('r1');
  await entries.count(5);
  await first[Symbol.asyncDispose]();
  await bench.redis.xtrim(world.journal, 'MAXLEN', 0);
  await commitEach(bench);
  await using _ = await world.read('r1');
  await entries.count(10);
  expect([world.lost.all, world.lines()]).toEqual([[], []]);
});

test('a user of Redis that may not look reads on, and says so once', async () => {
  await using world = await trimming();
  const { bench, journal } = world;
  const user = bench.namespace;
  await bench.redis.acl('SETUSER', user, 'on', 'nopass', '~*', '&*', '+@all', '-xgroup|setid', '-xinfo|stream');
  try {
    const logger = collectingLogger();
    await using broker = await connectBroker({ url: redisUrl, username: user, namespace: bench.namespace, logger });
    await commitEach(bench);
    await bench.redis.xtrim(journal, 'MAXLEN', 2);
    await using _ = await broker.journal.consume('r1', async (batch) => batch.forEach(world.entries.put));
    await world.entries.count(2);
    const errors = logger.lines.all.filter(({ level }) => level === 'error').map(({ message }) => message);
    expect(errors).toEqual([expect.stringContaining('it cannot be seen whether the journal was trimmed too early')]);
  } finally {
    await bench.redis.acl('DELUSER', user);
  }
});
