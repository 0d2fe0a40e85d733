import { expect, test } from 'vitest';
import { alive, askToEnd, World } from './world.ts';

const rolled = `
  db: { start: { RUN }, update: rolling, drainMs: 600000 }
  store: { start: { RUN }, update: rolling, drainMs: 1000, dependsOn: [db] }
`;
const rolledOn = rolled.replaceAll('RUN', 'RUN(new)');

test.concurrent(
  'a new version starts beside the one that is used, takes over when it is ready, and then the old one ends (rolling)',
  async () => {
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
  },
  120_000,
);

test.concurrent(
  'the old one ends as soon as no edge has a session on it, long before its time',
  async () => {
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
  },
  60_000,
);

test.concurrent(
  'a new version that fails leaves the old one serving, says why, and is replaced by a better one at once',
  async () => {
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
  },
  60_000,
);

test.concurrent(
  'what was started on this host is replaced too when the new entry names a driver that needs none',
  async () => {
    const one = `\n  db: { start: { RUN }, update: idle }\n`;
    await using world = await World.create(one);
    const initializer = await world.initializer();
    const plan = await world.wake('db');
    await world.until('db', 'ready');
    await world.changeCatalog(`\n  db: { start: { docker: { image: none, pull: never } }, update: idle }\n`);
    await initializer.reload();
    await world.broker.ledger.unwant(world.edge, [plan.target]);
    await world.until('db', 'cold');
    expect((await world.starts('db')).map(({ pid }) => alive(pid))).toEqual([false]);
  },
  60_000,
);
