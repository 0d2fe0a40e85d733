import { createMemoryBroker, type MemoryBroker } from '@reveille/broker/memory';
import { parseCatalog } from '@reveille/catalog';
import type { InstanceKey, ServiceName } from '@reveille/contracts';
import { type Broker, BrokerUnavailable, type Commit, type Reading, transition } from '@reveille/orchestration';
import { expect, test, vi } from 'vitest';
import type { Looked } from '../src/reconcile/looks.ts';
import { Reconciler } from '../src/reconcile/reconciler.ts';
import { Hosts } from '../src/subject/hosts.ts';
import { db, identity, logger } from './claimed-start.ts';

const hint = { service: 'db' as ServiceName, scope: { kind: 'global' as const } };

async function reconcilerOn(broker: Broker): Promise<Reconciler> {
  const text = 'version: 1\nservices:\n  db: { start: { process: { command: [db] } } }\nentrypoints: {}\n';
  const catalog = parseCatalog(text, '/catalog/reveille.yaml');
  const hosts = new Hosts(broker.members, 'here');
  const reconciler = new Reconciler({ broker, catalog: () => catalog, hosts, owner: 'me', logger });
  return reconciler;
}

/** The broker with what it commits and a reading that may fail. */
function observed(broker: MemoryBroker, beforeRead: () => Promise<void> = async () => undefined) {
  const commits: Commit[] = [];
  const { ledger } = broker;
  const watched = Object.assign(Object.create(ledger) as typeof ledger, {
    commit: (commit: Commit) => (commits.push(commit), ledger.commit(commit)),
    read: async (instances: readonly InstanceKey[]) => (await beforeRead(), ledger.read(instances)),
  });
  return { commits, broker: { ...broker, ledger: watched } as Broker };
}

test('looking at what is cold and unwanted writes once, not again and again', async () => {
  await using twin = createMemoryBroker();
  const { commits, broker } = observed(twin);
  await using reconciler = await reconcilerOn(broker);
  for (const command of [{ kind: 'want', identity, origin: undefined }, { kind: 'cancel' }] as const) {
    const [reading] = await twin.ledger.read([db]);
    const commit = reading && transition(reading, command);
    if (!commit || 'refused' in commit) throw new Error('refused');
    await twin.ledger.commit(commit);
  }
  await reconciler.reconcile(db, hint);
  expect(commits).toHaveLength(1);
});

test('a wake-up that joins a look that fails is not lost with it', async () => {
  await using twin = createMemoryBroker();
  const held = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const reads = [() => (asked.resolve(), held.promise)];
  const { broker } = observed(twin, () => reads.shift()?.() ?? Promise.resolve());
  await using reconciler = await reconcilerOn(broker);
  await twin.ledger.want('edge1', [db], 15_000);
  const first = reconciler.reconcile(db, hint);
  const second = reconciler.reconcile(db, hint);
  await asked.promise;
  held.reject(new BrokerUnavailable('away'));
  await Promise.all([first, second]);
  expect((await twin.ledger.read([db]))[0]?.record?.state).toBe('queued');
});

test('a wanted instance without a record is found by the sweep also when its first wake-up got lost', async () => {
  await using twin = createMemoryBroker();
  await using reconciler = await reconcilerOn(twin);
  await twin.ledger.want('edge1', [db], 15_000);
  await reconciler.reconcile(db);
  expect((await twin.ledger.read([db]))[0]?.record?.state).toBe('queued');
});

/** From a wake-up to a start that is taken at once: what was read, what was committed, and what the start is given to know. */
async function firstStart({ room = true } = {}) {
  await using twin = createMemoryBroker();
  let reads = 0;
  const { commits, broker } = observed(twin, async () => void (reads += 1));
  await using reconciler = await reconcilerOn(broker);
  const taken: Looked[] = [];
  const never = () => {
    throw new Error('not part of this start');
  };
  reconciler.use({
    watch: never,
    start: never,
    stop: never,
    replace: never,
    readyAgain: async () => undefined,
    startNow: (_, looked) => taken.push(looked) > 0 && room,
  });
  await twin.ledger.want('edge1', [db], 15_000);
  await reconciler.reconcile(db, hint);
  const [reading] = await twin.ledger.read([db]);
  return { reads, changes: commits.map(({ change }) => change), taken: taken.at(-1)?.reading, reading };
}

test('from a wake-up to the start of what needs nothing the ledger is read once, and its claim is what is written first', async () => {
  const { reads, changes, taken, reading } = await firstStart();
  expect({ reads, changes }).toEqual({ reads: 1, changes: [] });
  expect(taken).toMatchObject({ token: reading?.token, interest: reading?.interest });
  const queued = { state: 'queued', attempt: 0, revision: reading?.token, timings: { queuedAt: taken?.now } };
  expect(taken?.record).toMatchObject(queued);
});

test('a start for which there is no room is queued before somebody is looked for', async () => {
  const { reads, changes, taken, reading } = await firstStart({ room: false });
  expect({ reads, changes }).toEqual({ reads: 1, changes: ['queued'] });
  expect(taken).toMatchObject({ token: reading?.token, record: reading?.record });
});

test('what was read long ago is read again before the next step', async () => {
  const clock = vi.spyOn(performance, 'now');
  try {
    let ms = 0;
    clock.mockImplementation(() => (ms += 1100));
    const { reads, changes } = await firstStart();
    expect({ reads, changes }).toEqual({ reads: 2, changes: ['queued'] });
  } finally {
    clock.mockRestore();
  }
});

test.each([
  { after: 'at once', passedMs: 0, reads: 0 },
  { after: 'later than what it knows may be old', passedMs: 1100, reads: 1 },
])('what is left to do after a start is asked for only when it is not known ($after)', async ({ passedMs, reads }) => {
  await using twin = createMemoryBroker();
  let read = 0;
  const { broker } = observed(twin, async () => void (read += 1));
  await using reconciler = await reconcilerOn(broker);
  const taken: Looked[] = [];
  const never = () => {
    throw new Error('not part of this start');
  };
  reconciler.use({
    ...{ watch: never, start: never, stop: never, replace: never, readyAgain: async () => undefined },
    startNow: (_, looked) => taken.push(looked) > 0,
  });
  await twin.ledger.want('edge1', [db], 15_000);
  await reconciler.reconcile(db, hint);
  const [looked] = taken;
  if (looked === undefined) throw new Error('nothing was started');
  const claimed = await reconciler.commands.applyTo(looked.reading, {
    ...({ kind: 'claim', owner: 'me', host: undefined, name: 'run', attempts: 1 } as const),
  });
  if (!claimed.applied) throw new Error(claimed.refused);
  const { epoch } = claimed.record;
  const endpoint = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 };
  const command = { kind: 'ready', epoch, owner: 'me', endpoint, publicKey: '' } as const;
  const ready = await reconciler.commands.applyFrom(claimed, command);
  if (!ready.applied) throw new Error(ready.refused);
  const before = read;
  const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + passedMs);
  try {
    await reconciler.settle(looked, ready.reading);
  } finally {
    clock.mockRestore();
  }
  expect(read - before).toBe(reads);
});

test('where something is left to do the ledger is asked again', async () => {
  await using twin = createMemoryBroker();
  const { commits, broker } = observed(twin);
  await using reconciler = await reconcilerOn(broker);
  const looked = await reconciler.situation(db, hint);
  if (looked === undefined) throw new Error('not known');
  await twin.ledger.want('edge1', [db], 15_000);
  const [wanted] = await twin.ledger.read([db]);
  // Decided on what was seen there is something to do; what it is, the ledger says.
  await reconciler.settle(looked, wanted as Reading);
  expect(commits.map(({ change }) => change)).toEqual(['queued']);
});
