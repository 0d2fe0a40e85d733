import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceKey } from '@reveille/contracts';
import { type Plan, transition } from '@reveille/orchestration';
import { expect, test } from 'vitest';
import { alive, World } from './world.ts';

const before = `
  db: { start: { RUN }, update: idle }
  store: { start: { RUN }, update: manual }
`;
/** A new version of both; that of db names another driver besides. */
const after = `
  db: { start: { module: { path: db.mjs } }, update: idle }
  store: { start: { RUN(new) }, update: manual }
`;
const module = `
import process from 'node:process';
export async function initialize() {
  process.argv.push('history.jsonl');
  await import('./service.mjs');
}`;

test('a new version replaces what nobody uses (idle), or only what is told to end (manual)', async () => {
  await using world = await World.create(before);
  await writeFile(join(world.dir, 'db.mjs'), module);
  const initializer = await world.initializer();
  const plans = [await world.wake('db'), await world.wake('store')];
  const [db, store] = [await world.until('db', 'ready'), await world.until('store', 'ready')];

  await world.changeCatalog(after);
  await initializer.reload();
  // Used, both run on, whatever the new version says.
  for (const name of ['db', 'store']) await world.wakeByHand(name);
  for (const ran of [db, store])
    expect(await world.record(ran.instance)).toMatchObject({ state: 'ready', generation: ran.generation });

  await world.broker.ledger.unwant(world.edge, plans.flatMap(instancesOf));
  expect((await world.until('db', (record) => record?.state !== 'ready')).stopReason).toBe('replaced');
  await world.until('db', 'cold');
  const [first] = await world.starts('db');
  expect(alive(first?.pid ?? 0)).toBe(false);
  await world.wakeByHand('db');
  const next = await world.until('db', 'ready');
  expect(next.definition).not.toBe(db.definition);
  expect((await world.starts('db')).map(({ generation }) => Number(generation))).toEqual([
    db.generation,
    next.generation,
  ]);

  // As long unused as the other one, and as old.
  expect(await world.record('store')).toMatchObject({ state: 'ready', generation: store.generation });
  await world.wakeByHand('store');
  await askToEnd(world, store.instance);
  await world.wakeByHand('store');
  const renewed = await world.until(
    'store',
    (record) => record?.state === 'ready' && record.generation > store.generation,
  );
  expect(renewed.definition).not.toBe(store.definition);
}, 120_000);

const rolled = `
  db: { start: { RUN }, update: rolling, drainMs: 600000 }
  store: { start: { RUN }, update: rolling, drainMs: 1000, dependsOn: [db] }
`;
const rolledOn = rolled.replaceAll('RUN', 'RUN(new)');

test('a new version starts beside the one that is used, takes over when it is ready, and then the old one ends (rolling)', async () => {
  await using world = await World.create(rolled);
  const initializer = await world.initializer();
  await world.wake('store');
  const [db, store] = [await world.until('db', 'ready'), await world.until('store', 'ready')];

  await world.changeCatalog(rolledOn);
  await initializer.reload();
  const next = await world.until('db', (record) => (record?.generation ?? 0) > db.generation);
  // At no moment it was anything but ready; what was ready before runs on for those who are on it.
  expect(next).toMatchObject({
    state: 'ready',
    draining: { generation: db.generation, edges: ['edge1'], over: false },
  });
  expect(next.definition).not.toBe(db.definition);
  const [first, second] = await world.starts('db');
  expect([alive(first?.pid ?? 0), alive(second?.pid ?? 0)]).toEqual([true, true]);

  // What runs on it is replaced too, and its time is short.
  const over = await world.until('store', (one) => (one?.generation ?? 0) > store.generation && !one?.draining);
  expect(over).toMatchObject({ state: 'ready', dependencyGenerations: { [db.instance]: next.generation } });
  const stores = await world.starts('store');
  expect(stores.map(({ pid }) => alive(pid))).toEqual([false, true]);
  expect(stores.map(({ generation }) => Number(generation))).toEqual([store.generation, over.generation]);

  // Something runs on it, so that its time has to be over; here an operator ends it all.
  expect(await world.record('db')).toMatchObject({ generation: next.generation, draining: { over: false } });
  await askToEnd(world, db.instance);
  await world.until('db', (record) => record?.state === 'cold' || (record?.generation ?? 0) > next.generation);
  expect([alive(first?.pid ?? 0), alive(second?.pid ?? 0)]).toEqual([false, false]);
}, 120_000);

test('the old one ends as soon as no edge has a session on it, long before its time', async () => {
  const one = `\n  db: { start: { RUN }, update: rolling, drainMs: 600000 }\n`;
  await using world = await World.create(one);
  const initializer = await world.initializer();
  await world.wake('db');
  const db = await world.until('db', 'ready');
  await world.changeCatalog(one.replace('RUN', 'RUN(new)'));
  await initializer.reload();
  await world.until('db', (record) => record?.draining !== undefined);
  const left = { edge: world.edge, generation: db.generation };
  const job = { version: 1, kind: 'reconcile', reason: 'sweep', instance: db.instance } as const;
  await world.broker.wakeUps.reconcile([{ ...job, service: db.service, scope: db.scope, left }]);
  await world.until('db', (record) => record?.draining === undefined);
  expect((await world.starts('db')).map(({ pid }) => alive(pid))).toEqual([false, true]);
}, 60_000);

test('a new version that fails leaves the old one serving, says why, and is replaced by a better one at once', async () => {
  const one = `\n  db: { start: { RUN }, update: rolling, drainMs: 1000, cooldownMs: 600000, retry: { attempts: 1 } }\n`;
  await using world = await World.create(one);
  const initializer = await world.initializer();
  await world.wake('db');
  const db = await world.until('db', 'ready');
  await world.changeCatalog(one.replace('RUN', 'RUN(exit)'));
  await initializer.reload();
  const kept = await world.until('db', (record) => record?.successor?.failed === true);
  expect(kept).toMatchObject({ state: 'ready', generation: db.generation, endpoint: db.endpoint });
  expect(kept.successor?.failure).toMatchObject({ code: 'exited_early', exitCode: 7 });
  expect(kept.successor?.failure?.logTail).toContain('cannot open the vault');

  await world.changeCatalog(one.replace('RUN', 'RUN(better)'));
  await initializer.reload();
  const next = await world.until('db', (record) => (record?.generation ?? 0) > db.generation && !record?.draining);
  expect(next.successor).toBeUndefined();
  expect((await world.starts('db')).map(({ pid }) => alive(pid))).toEqual([false, false, true]);
}, 60_000);

function instancesOf({ instances }: Plan) {
  return instances.map(({ instance }) => instance);
}

/** What an operator's `reveille restart` commits. */
async function askToEnd({ broker }: World, instance: InstanceKey): Promise<void> {
  for (let isDone = false; !isDone;) {
    const [reading] = await broker.ledger.read([instance]);
    const commit = reading && transition(reading, { kind: 'request_stop' });
    if (commit === undefined || 'refused' in commit) throw new Error(`${instance} cannot be asked to end`);
    isDone = (await broker.ledger.commit(commit)).committed;
  }
}
