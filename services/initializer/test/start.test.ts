import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceKey } from '@reveille/contracts';
import { describe, expect, test } from 'vitest';
import { alive, World } from './world.ts';

const chain = `
  db: { start: { RUN } }
  tools: { start: { RUN } }
  app: { start: { RUN }, dependsOn: [db, tools] }
`;

describe('a start', () => {
  test('brings up exactly the missing services, once each, in dependency order, and stops them with the initializer', async () => {
    await using world = await World.create(chain);
    const initializer = await world.initializer();
    await world.wake('app');
    const app = await world.until('app', 'ready');
    expect(app.endpoint?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(app.publicKey).toMatch(/^[\w-]{43}$/);
    expect(await (await fetch(app.endpoint?.url ?? '')).text()).toBe('ok');
    const history = await world.history();
    expect(
      history
        .filter((line) => line.what === 'start')
        .map((line) => line.service)
        .toSorted(),
    ).toEqual(['app', 'db', 'tools']);
    const appStarts = history.findIndex((line) => line.what === 'start' && line.service === 'app');
    for (const need of ['db', 'tools'])
      expect(history.findIndex((line) => line.what === 'listening' && line.service === need)).toBeLessThan(appStarts);
    expect(history[appStarts]?.deps.toSorted()).toEqual(['REVEILLE_DEP_DB_URL', 'REVEILLE_DEP_TOOLS_URL']);
    expect(history[appStarts]?.traceparent.slice(0, 35)).toBe(app.origin?.traceparent.slice(0, 35));

    await initializer[Symbol.asyncDispose]();
    for (const line of history) expect(alive(line.pid)).toBe(false);
    // Still wanted, and said to be stopped: another initializer would start it again at once.
    const left = await world.record('app');
    expect(['cold', 'waiting']).toContain(left?.state);
    expect(left?.endpoint).toBeUndefined();
  });

  test('a herd of wake-ups and several initializers start each service once', async () => {
    await using world = await World.create(chain);
    await Promise.all([world.initializer(), world.initializer()]);
    await Promise.all(Array.from({ length: 10 }, () => world.wake('app')));
    await world.until('app', 'ready');
    for (const service of ['db', 'tools', 'app']) expect(await world.starts(service)).toHaveLength(1);
  });

  test('without a wake-up job the sweep finds what is wanted again', async () => {
    await using world = await World.create('  db: { start: { RUN } }');
    const first = await world.initializer();
    const plan = await world.wake('db');
    const before = await world.until('db', 'ready');
    await world.broker.ledger.unwant(world.edge, ['db~global' as InstanceKey]);
    await first[Symbol.asyncDispose]();
    expect((await world.record('db'))?.state).toBe('cold');
    await world.initializer();
    await world.want(plan);
    const after = await world.until('db', 'ready');
    expect(after.generation).toBeGreaterThan(before.generation);
  });

  test('what a service reports about itself is in the ledger while it starts', async () => {
    await using world = await World.create('  db: { start: { RUN(reports, "400") }, ready: { reported: true } }');
    await world.initializer();
    await world.wake('db');
    const starting = await world.until('db', (record) => record?.progress?.phase === 'opening');
    expect(starting.progress).toEqual({ phase: 'opening', detail: 'opening the vault', percent: 50 });
    expect((await world.until('db', 'ready')).progress).toBeUndefined();
  });
});

describe('a start that fails', () => {
  test('is tried again, then fails for good with its last words, and fails its dependents with the same root cause', async () => {
    await using world = await World.create(`
  db: { name: The vault, start: { RUN(exit, "7") }, retry: { attempts: 2, backoffMs: 10 }, cooldownMs: 60000 }
  app: { start: { RUN }, dependsOn: [db] }
`);
    await world.initializer();
    await world.wake('app');
    const db = await world.until('db', 'failed');
    expect(db.failure).toMatchObject({
      code: 'exited_early',
      exitCode: 7,
      attempt: 2,
      attempts: 2,
      service: 'db',
      name: 'The vault',
      retryable: true,
      retryAfterMs: 60_000,
    });
    expect(db.failure?.logTail?.join('\n')).toContain('cannot open the vault');
    const app = await world.until('app', 'failed');
    expect(app.failure).toEqual(db.failure);
    expect(await world.starts('db')).toHaveLength(2);
    expect(await world.starts('app')).toHaveLength(0);
  });

  test('a missing command says so and is not tried again', async () => {
    await using world = await World.create('  db: { start: { process: { command: [./no-such-program] } } }');
    await world.initializer();
    await world.wake('db');
    const db = await world.until('db', 'failed');
    expect(db.failure).toMatchObject({ code: 'command_not_found', attempt: 1, retryable: false });
    expect(db.failure?.message).toContain('no-such-program');
  });

  test('one that runs and never becomes ready fails by its deadline and is not left running', async () => {
    await using world = await World.create(
      '  db: { start: { RUN(deaf) }, deadlineMs: 1500, ready: { tcp: {}, timeoutMs: 200 }, retry: { attempts: 1 } }',
    );
    await world.initializer();
    await world.wake('db');
    const db = await world.until('db', 'failed');
    expect(db.failure).toMatchObject({ code: 'probe_timeout', attempts: 1 });
    for (const { pid } of await world.starts('db')) expect(alive(pid)).toBe(false);
  });

  test('after the cooldown it is started again, and what was ready meanwhile is not', async () => {
    await using world = await World.create(`
  db: { start: { RUN } }
  app: { start: { RUN(exit) }, dependsOn: [db], retry: { attempts: 1 }, cooldownMs: 300 }
`);
    await world.initializer();
    await world.wake('app');
    const first = await world.until('app', 'failed');
    await world.until(
      'app',
      (record) => record !== undefined && record.generation > first.generation && record.state === 'failed',
    );
    expect(await world.starts('db')).toHaveLength(1);
    expect((await world.starts('app')).length).toBeGreaterThanOrEqual(2);
  });
});

describe('what is ready', () => {
  test('killed, it is lost, started again as a higher generation, and so is what runs on top of it', async () => {
    await using world = await World.create(chain);
    await world.initializer();
    await world.wake('app');
    const first = {
      app: await world.until('app', 'ready'),
      db: await world.record('db'),
      tools: await world.record('tools'),
    };
    process.kill((await world.starts('db'))[0]?.pid ?? 0, 'SIGKILL');
    const app = await world.until(
      'app',
      (record) => record?.state === 'ready' && record.generation > first.app.generation,
    );
    const db = await world.record('db');
    expect(db?.generation).toBeGreaterThan(first.db?.generation ?? 0);
    expect(app.dependencyGenerations).toMatchObject({ 'db~global': db?.generation });
    expect((await world.record('tools'))?.generation).toBe(first.tools?.generation);
    const [before, after] = await world.starts('app');
    expect(alive(before?.pid ?? 0)).toBe(false);
    expect(alive(after?.pid ?? 0)).toBe(true);
  });

  test('idle for long enough it is stopped, dependents before dependencies', async () => {
    await using world = await World.create(`
  db: { start: { RUN }, idle: { stopAfterMs: 200 } }
  app: { start: { RUN }, dependsOn: [db], idle: { stopAfterMs: 200 } }
`);
    await world.initializer();
    const plan = await world.wake('app');
    await world.until('app', 'ready');
    await world.broker.ledger.unwant(
      world.edge,
      plan.instances.map((one) => one.instance),
    );
    await world.until('app', 'cold');
    await world.until('db', 'cold');
    const terms = (await world.history()).filter((line) => line.what === 'term').map((line) => line.service);
    expect(terms).toEqual(['app', 'db']);
  });

  test('a service that is busy refuses to be stopped for being idle, until it is done', async () => {
    await using world = await World.create(
      '  db: { start: { RUN }, idle: { stopAfterMs: 100, veto: { http: { path: /busy } } } }',
    );
    await writeFile(join(world.dir, 'busy'), '');
    await world.initializer();
    const plan = await world.wake('db');
    await world.until('db', 'ready');
    await world.broker.ledger.unwant(
      world.edge,
      plan.instances.map((one) => one.instance),
    );
    await world.until('db', (record) => record !== undefined && Date.now() - (record.unwantedAt ?? Infinity) > 3000);
    expect((await world.record('db'))?.state).toBe('ready');
    await rm(join(world.dir, 'busy'));
    await world.until('db', 'cold');
  });

  test('a start that nobody waits for any more is cancelled and nothing of it stays', async () => {
    await using world = await World.create('  db: { start: { RUN(deaf) }, deadlineMs: 50000 }');
    await world.initializer();
    const plan = await world.wake('db');
    await world.until('db', 'starting');
    await world.broker.ledger.unwant(
      world.edge,
      plan.instances.map((one) => one.instance),
    );
    await world.until('db', 'cold');
    for (const { pid } of await world.starts('db')) expect(alive(pid)).toBe(false);
  });
});
