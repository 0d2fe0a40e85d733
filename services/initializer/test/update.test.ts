import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '@reveille/orchestration';
import { expect, test } from 'vitest';
import { alive, askToEnd, World } from './world.ts';

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

function instancesOf({ instances }: Plan) {
  return instances.map(({ instance }) => instance);
}
