import type { JournalEntry } from '@reveille/contracts';
import { BrokerUnavailable, type StampedEntry } from '@reveille/orchestration';
import { createMemoryBroker, type MemoryMessage } from '@reveille/broker/memory';
import { expect, test, vi } from 'vitest';
import { Inbox } from '../conformance/inbox.ts';
import { dueAll, readOne, wantOne } from '../conformance/ledger.ts';
import { commitOn, entryOf, instanceOf, reconcileJobOf, startJobOf } from '../conformance/samples.ts';

const agent = instanceOf('agent');
const consumption = { reconcileConcurrency: 2, startConcurrency: 2 };

test('a process that is cut off is told so, and the others go on', async () => {
  const broker = createMemoryBroker();
  const other = broker.another();
  broker.cutOff('no way');
  await expect(readOne(broker, agent)).rejects.toThrow(new BrokerUnavailable('no way'));
  expect([broker.unavailable(), other.unavailable()]).toEqual(['no way', undefined]);
  await wantOne(other, 'e1', agent);
  broker.reconnect();
  expect((await readOne(broker, agent)).interest).toHaveLength(1);
});

test('after an outage what ran out counts on for as long as the outage took, and no longer', async () => {
  const broker = createMemoryBroker();
  const lease = { owner: 'i1', ttlMs: 8000 };
  await broker.ledger.commit(commitOn(await wantOne(broker, 'e1', agent, 10_000), { lease }));
  broker.advance(2000);
  await readOne(broker, agent);
  broker.cutOff();
  broker.advance(30_000);
  broker.reconnect();
  expect(await readOne(broker, agent)).toMatchObject({ lease: { owner: 'i1' }, interest: [{ edge: 'e1' }] });
  expect(await dueAll(broker)).toEqual([]);
  broker.advance(6000);
  expect(await readOne(broker, agent)).toMatchObject({ lease: undefined, interest: [{ edge: 'e1' }] });
  expect(await dueAll(broker)).toEqual([agent]);
  broker.advance(2000);
  expect((await readOne(broker, agent)).interest).toEqual([]);
});

test('the transport may lose, double and delay what is sent', async () => {
  const held: { message: MemoryMessage; deliver: () => void }[] = [];
  const broker = createMemoryBroker({ transport: (message, deliver) => void held.push({ message, deliver }) });
  const inbox = new Inbox<JournalEntry>();
  await broker.router.subscribe('e1', { onEntry: inbox.put, onGap: () => undefined });
  await broker.router.publish('e1', [entryOf(agent, 1)]);
  await broker.router.publish('e1', [entryOf(agent, 2)]);
  expect(inbox.all).toEqual([]);
  held[1]?.deliver();
  held[1]?.deliver();
  expect(inbox.all.map(({ at }) => at)).toEqual([2, 2]);
  expect(held.map(({ message }) => message.kind)).toEqual(['route', 'route']);
});

test('journal entries lost on the way to a relay are given again', async () => {
  let lost = 0;
  const broker = createMemoryBroker({ transport: (_message, deliver) => (lost++ === 0 ? undefined : deliver()) });
  const inbox = new Inbox<StampedEntry>();
  await broker.journal.consume('r1', async (entries) => entries.forEach(inbox.put));
  await broker.ledger.commit(commitOn(await readOne(broker, agent)));
  await vi.waitFor(() => expect(lost).toBe(1));
  broker.advance(2000);
  expect(await inbox.count(1)).toHaveLength(1);
});

test('of a journal that is trimmed one relay is told what nobody had handled, once it reaches the store', async () => {
  const broker = createMemoryBroker();
  const relay = broker.another();
  const told: unknown[] = [];
  await relay.journal.consume(
    'r1',
    async () => undefined,
    async (trimmed) => void told.push(...trimmed),
  );
  relay.cutOff();
  await broker.ledger.commit(commitOn(await wantOne(broker, 'e1', agent)));
  expect(broker.trimJournal()).toBe(1);
  await Promise.resolve();
  expect(told).toEqual([]);
  relay.reconnect();
  expect(told).toEqual([{ partition: expect.any(Number), state: 'unread', entries: 1 }]);
});

test('the job of a process that crashes goes to another one after a while, the second time to none', async () => {
  const broker = createMemoryBroker();
  const inbox = new Inbox<string>();
  const handlers = (name: string) => ({
    reconcile: async () => undefined,
    start: () => {
      inbox.put(name);
      return new Promise<void>(() => undefined);
    },
  });
  const [first, second, third] = [broker.another(), broker.another(), broker.another()];
  await first.wakeUps.consume(handlers('first'), consumption);
  await broker.wakeUps.start(startJobOf(agent));
  await inbox.count(1);
  await second.wakeUps.consume(handlers('second'), consumption);
  first.crash();
  await expect(first.wakeUps.reconcile([reconcileJobOf(agent)])).rejects.toThrow(BrokerUnavailable);
  broker.advance(20_000);
  await inbox.count(2);
  second.crash();
  await third.wakeUps.consume(handlers('third'), consumption);
  broker.advance(60_000);
  expect(inbox.all).toEqual(['first', 'second']);
});

test('so it does when the process crashes while its consumer ends, and those who live go on taking jobs', async () => {
  const broker = createMemoryBroker();
  const inbox = new Inbox<string>();
  const handlers = (name: string) => ({
    reconcile: async () => undefined,
    start: async () => {
      inbox.put(name);
      if (name === 'first') await new Promise(() => undefined);
    },
  });
  const [first, second] = [broker.another(), broker.another()];
  const consumer = await first.wakeUps.consume(handlers('first'), consumption);
  await broker.wakeUps.start(startJobOf(agent));
  await inbox.count(1);
  await second.wakeUps.consume(handlers('second'), consumption);
  void consumer[Symbol.asyncDispose]();
  first.crash();
  broker.advance(20_000);
  await inbox.count(2);
  await broker.wakeUps.start(startJobOf(instanceOf('other')));
  expect(await inbox.count(3)).toEqual(['first', 'second', 'second']);
});

test('leases can be made to run out, and the store be emptied', async () => {
  const broker = createMemoryBroker();
  const gaps = new Inbox<string>();
  await broker.router.subscribe('e1', { onEntry: () => undefined, onGap: gaps.put });
  await broker.ledger.commit(commitOn(await readOne(broker, agent), { lease: { owner: 'i1', ttlMs: 8000 } }));
  broker.expireLeases();
  expect((await readOne(broker, agent)).lease).toBeUndefined();
  broker.clear();
  expect(await readOne(broker, agent)).toMatchObject({ token: 0, record: undefined });
  expect(gaps.all).toEqual(['recovered']);
});

test('after a failover there is what the replica had, and what was written since is lost', async () => {
  const broker = createMemoryBroker();
  const jobs: unknown[] = [];
  const handlers = { reconcile: async (job: unknown) => void jobs.push(job), start: async () => undefined };
  const first = commitOn(await wantOne(broker, 'e1', agent));
  await broker.ledger.commit(first);
  await broker.wakeUps.reconcile([reconcileJobOf(agent)]);
  const failOver = broker.replica();
  const reading = await readOne(broker, agent);
  await broker.ledger.commit(commitOn(await wantOne(broker, 'e2', agent)));
  await broker.wakeUps.reconcile([reconcileJobOf(instanceOf('other'))]);
  failOver();
  expect(await readOne(broker, agent)).toEqual(reading);
  expect(reading.interest).toMatchObject([{ edge: 'e1' }]);
  await broker.wakeUps.consume(handlers, consumption);
  await vi.waitFor(() => expect(jobs).toEqual([reconcileJobOf(agent)]));
});

test('a job that was under way in the replica comes again after a failover, though it has been done since', async () => {
  const broker = createMemoryBroker();
  const jobs = new Inbox<unknown>();
  const done = Promise.withResolvers<void>();
  const reconcile = async (job: unknown): Promise<void> => {
    jobs.put(job);
    await done.promise;
  };
  await broker.wakeUps.consume({ reconcile, start: async () => undefined }, consumption);
  await broker.wakeUps.reconcile([reconcileJobOf(agent)]);
  await jobs.count(1);
  const failOver = broker.replica();
  done.resolve();
  failOver();
  broker.advance(20_000);
  expect(await jobs.count(2)).toEqual([reconcileJobOf(agent), reconcileJobOf(agent)]);
});

test('a clock from outside is followed', async () => {
  let now = 1000;
  const broker = createMemoryBroker({ now: () => now });
  const inbox = new Inbox<string>();
  const second = broker.another();
  const dying = Promise.withResolvers<void>();
  await second.wakeUps.consume(
    {
      reconcile: async () => {
        dying.resolve();
        await new Promise(() => undefined);
      },
      start: async () => undefined,
    },
    consumption,
  );
  await broker.wakeUps.reconcile([reconcileJobOf(agent)]);
  await dying.promise;
  second.crash();
  await broker.wakeUps.consume(
    { reconcile: async (job) => inbox.put(job.instance), start: async () => undefined },
    consumption,
  );
  expect((await readOne(broker, agent)).nowUs).toBe(1_000_000);
  now = 21_000;
  broker.tick();
  expect(await inbox.count(1)).toEqual([agent]);
  expect(() => broker.advance(1)).toThrow(TypeError);
});
