import { expect, test } from 'vitest';
import { alive, World } from './world.ts';

const services = (onChange: 'keep' | 'restart') => `
  db: { start: { RUN }, retry: { attempts: 2 }, cooldownMs: 500 }
  app: { start: { RUN }, dependsOn: [{ service: db, onChange: ${onChange} }] }
`;

async function lose(world: World, service: string): Promise<void> {
  const run = (await world.starts(service)).findLast(({ pid }) => alive(pid));
  process.kill(run?.pid ?? 0, 'SIGKILL');
}

test('a dependent with onChange: keep runs on while what it needs is lost, replaced, and fails', async () => {
  await using world = await World.create(services('keep'));
  await world.initializer();
  await world.wake('app');
  const app = await world.until('app', 'ready');
  const first = await world.until('db', 'ready');
  await lose(world, 'db');
  const second = await world.until('db', (db) => db?.state === 'ready' && db.generation > first.generation);
  // The dependency still counts on it: it is kept for as long as its dependent runs.
  expect(second.dependents).toEqual(['app~global']);
  await lose(world, 'db');
  const failed = await world.until('db', 'failed');
  expect(failed.failure?.code).toBe('crash_loop');
  // Its dependent still needs it: after the cooldown it is tried once more.
  await world.until('db', (db) => db?.state === 'ready' && db.generation > second.generation);
  const kept = await world.record('app');
  expect(kept).toMatchObject({ state: 'ready', generation: app.generation });
  expect(await world.starts('app')).toHaveLength(1);
  expect(alive((await world.starts('app'))[0]?.pid ?? 0)).toBe(true);
});

test('a crash loop goes on cooling down, longer each time, for as long as its trials are lost again', async () => {
  await using world = await World.create(services('restart'));
  await world.initializer();
  await world.wake('db');
  let last = 0;
  const loseNext = async () => {
    const ready = await world.until('db', (db) => db?.state === 'ready' && db.generation > last);
    last = ready.generation;
    await lose(world, 'db');
    return world.until(
      'db',
      (db) => db !== undefined && db.state !== 'ready' && db.state !== 'lost' && db.state !== 'stopping',
    );
  };
  await loseNext();
  await loseNext();
  const first = await world.until('db', (db) => db?.strikes?.count === 1);
  expect(first).toMatchObject({ strikes: { loop: true }, failure: { code: 'crash_loop', retryAfterMs: 500 } });
  await loseNext();
  // One loss of the trial is enough.
  const second = await world.until('db', (db) => db?.strikes?.count === 2);
  expect(second.failure).toMatchObject({ code: 'crash_loop' });
  expect(second.failure?.retryAfterMs).toBeGreaterThanOrEqual(500);
  expect(await world.starts('db')).toHaveLength(3);
});
