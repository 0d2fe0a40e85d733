import type { InstanceKey, ServiceName } from '@reveille/contracts';
import { transition } from '@reveille/orchestration';
import { describe, expect, test } from 'vitest';
import { initializerConfig } from '../src/index.ts';
import { World } from './world.ts';

describe('a catalog that changes during a start', () => {
  const before = `
  db: { start: { RUN } }
  app: { start: { RUN(reports, "1500") }, ready: { reported: true }, dependsOn: [db] }
`;
  const after = `
  db: { start: { RUN } }
  tools: { start: { RUN } }
  app: { start: { RUN(reports, "1500") }, ready: { reported: true }, dependsOn: [db, tools] }
`;

  test('holds for the next generation; the one that is starting becomes ready and stays', async () => {
    await using world = await World.create(before);
    const initializer = await world.initializer();
    const plan = await world.wake('app');
    await world.until('app', (record) => record?.progress?.phase === 'opening');
    await world.changeCatalog(after);
    await initializer.reload();
    const first = await world.until('app', 'ready');
    expect(first.dependencies).toEqual(['db~global']);
    expect(await world.starts('app')).toHaveLength(1);
    expect(await world.starts('tools')).toHaveLength(0);

    process.kill((await world.starts('app'))[0]?.pid ?? 0, 'SIGKILL');
    const second = await world.until(
      'app',
      (record) => record?.state === 'ready' && record.generation > first.generation,
    );
    expect(second.dependencies.toSorted()).toEqual(['db~global', 'tools~global']);
    expect((await world.starts('app'))[1]?.deps.toSorted()).toEqual(['REVEILLE_DEP_DB_URL', 'REVEILLE_DEP_TOOLS_URL']);
    expect(plan.instances).toHaveLength(2);
  });

  test('one that this version cannot run is refused and the old one stays', async () => {
    await using world = await World.create('  db: { start: { RUN } }');
    const initializer = await world.initializer();
    await world.changeCatalog('  db: { start: { docker: { image: db } }, ready: { exec: { command: [isready] } } }');
    await initializer.reload();
    await world.wakeByHand('db');
    expect((await world.until('db', 'ready')).state).toBe('ready');
  });
});

describe('an initializer is refused', () => {
  test('with a catalog that this version cannot run, in words that name the service and what would do', async () => {
    await using world = await World.create(
      '  db: { start: { docker: { image: db } }, ready: { exec: { command: [isready] } } }',
    );
    await expect(world.initializer()).rejects.toMatchObject({
      exitCode: 2,
      report: expect.stringMatching(/services\.db .*exec probe in a container.*http/s),
    });
  });

  test('with every fault of its configuration at once', () => {
    const read = () =>
      initializerConfig({
        REDIS_URL: 'http://x',
        REVEILLE_NAMESPACE: 'NOT OK',
        REVEILLE_ROOT_SECRET: 'short',
        REVEILLE_HOST_ID: 'a b',
        REVEILLE_START_CONCURRENCY: '0',
      });
    const names = ['REDIS_URL', 'NAMESPACE', 'ROOT_SECRET', 'HOST_ID', 'START_CONCURRENCY', 'CATALOG'];
    expect(read).toThrow(expect.objectContaining({ exitCode: 2 }));
    for (const name of names) expect(read).toThrow(expect.objectContaining({ report: expect.stringContaining(name) }));
    expect(read).not.toThrow(expect.objectContaining({ report: expect.stringContaining('short') }));
  });
});

test('a dependent whose initializer died before it had said goodbye is forgotten, and what it needed is idle', async () => {
  await using world = await World.create(`
  db: { start: { RUN }, idle: { stopAfterMs: 200 } }
  app: { start: { RUN }, dependsOn: [db] }
`);
  const [db, app] = ['db~global' as InstanceKey, 'app~global' as InstanceKey];
  const identity = (instance: InstanceKey, service: string, dependencies: InstanceKey[]) => ({
    instance,
    service: service as ServiceName,
    scope: { kind: 'global' as const },
    scopeKey: 'global' as never,
    dependencies,
    catalog: 'd',
  });
  // What an initializer does that dies after the last of these commits.
  const commands = [
    [app, { kind: 'want', identity: identity(app, 'app', [db]), origin: undefined }],
    [db, { kind: 'add_dependent', identity: identity(db, 'db', []), dependent: app }],
    [app, { kind: 'cancel' }],
  ] as const;
  for (const [instance, command] of commands) {
    const [reading] = await world.broker.ledger.read([instance]);
    const commit = reading && transition(reading, command);
    if (!commit || 'refused' in commit) throw new Error('refused');
    expect(await world.broker.ledger.commit(commit)).toMatchObject({ committed: true });
  }
  await world.initializer();
  const left = await world.until('db', (record) => record?.state === 'cold' && record.dependents.length === 0);
  expect(left.dependents).toEqual([]);
  expect(await world.starts('app')).toHaveLength(0);
});
