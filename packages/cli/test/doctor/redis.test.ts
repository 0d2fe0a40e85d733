import { connectBroker } from '@reveille/broker';
import { launchRedis, type LaunchRedisOptions } from '@reveille/broker/server';
import { clientOf, RedisCluster, RedisSentinels } from '@reveille/broker/shapes';
import { describe, expect, it, vi } from 'vitest';
import { lookAtRedis } from '../../src/doctor/look-at-redis.ts';
import { runCli } from '../support/run-cli.ts';
import { TempFolder } from '../support/temp-folder.ts';
import { tinyProduct } from '../support/tiny-product.ts';

const mib = 1024 * 1024;

/** Levels and words of what is no praise, by what it is about. */
async function complaints(url: string, env: NodeJS.ProcessEnv = {}): Promise<Record<string, string>> {
  const { findings } = await lookAtRedis({ url, namespace: 'doctor' }, env);
  const about = (what: string): string => what.replace(/^Redis \S+, /, '');
  return Object.fromEntries(
    findings.flatMap(({ what, level, words }) => (level === 'ok' ? [] : [[about(what), `${level}: ${words}`]])),
  );
}

async function complaintsOf(options: LaunchRedisOptions): Promise<Record<string, string>> {
  await using server = await launchRedis(options);
  return await complaints(server.url);
}

describe.concurrent('a server that is set up dangerously', () => {
  it('is said to be so in words, each with the command that mends it', async () => {
    await using dir = await TempFolder.create();
    const args = ['--maxmemory-policy', 'allkeys-lru', '--appendfsync', 'no', '--min-replicas-to-write', '1'];
    expect(await complaintsOf({ dir: dir.path, persist: true, args })).toEqual({
      eviction: expect.stringMatching(
        /^fault: .*throws away keys \(allkeys-lru\)[^]*CONFIG SET maxmemory-policy noeviction/,
      ),
      persistence: expect.stringMatching(/^warning: .*appendfsync no[^]*CONFIG SET appendfsync everysec/),
      memory: expect.stringMatching(/^warning: .*without a bound[^]*CONFIG SET maxmemory/),
      replicas: expect.stringMatching(/^fault: 0, and it needs 1 to write: every start is refused now/),
    });
  });

  it('keeps nothing, or snapshots alone', async () => {
    const [nothing, snapshots] = await Promise.all([complaintsOf({}), complaintsOf({ args: ['--save', '3600 1'] })]);
    expect(nothing['persistence']).toMatch(/^warning: nothing is kept on disk[^]*CONFIG SET appendonly yes/);
    expect(snapshots['persistence']).toMatch(/^warning: at most snapshots are kept/);
  });

  it('is nearly full, and shared with others', async () => {
    await using server = await launchRedis();
    const redis = await clientOf(server.port, {});
    // In small ones: the buffer of a big command counts as used for a while.
    for (let part = 0; part < 256; part++) await redis.set(`part-${part}`, Buffer.alloc(mib / 8));
    const used = Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
    await redis.config('SET', 'maxmemory', String(Math.round(used / 0.85)));
    await redis.select(3);
    await redis.set('of-somebody-else', 'x');
    expect(await complaints(server.url)).toMatchObject({
      memory: expect.stringMatching(/^warning: \d+ MiB of \d+ MiB in use: when it is full/),
      databases: expect.stringMatching(/^warning: keys are in several \(0, 3\)/),
    });
    await redis.config('SET', 'maxmemory', String(Math.round(used * 0.97)));
    expect(await complaints(server.url)).toMatchObject({ memory: expect.stringMatching(/^fault: /) });
    redis.disconnect();
  });

  it('may not be asked everything: what it did not say is said', async () => {
    await using dir = await TempFolder.create();
    await using server = await launchRedis({ dir: dir.path, persist: true });
    const redis = await clientOf(server.port, {});
    await redis.acl('SETUSER', 'plain', 'on', '>x', '~*', '+@all', '-config');
    redis.disconnect();
    const env = { REDIS_USERNAME: 'plain', REDIS_PASSWORD: 'x' };
    const { findings } = await lookAtRedis({ url: server.url, namespace: 'doctor' }, env);
    const words = findings.find(({ what }) => what.endsWith('persistence'))?.words;
    expect(words).toMatch(/this user may not ask for appendfsync: redis-cli CONFIG GET appendfsync/);
  });
});

describe.concurrent('sessions', () => {
  it('that hold nearly as much as they may are a fault, with the settings that mend it', async () => {
    await using server = await launchRedis();
    const sessions = { bytes: mib };
    await using broker = await connectBroker({ url: server.url, namespace: 'doctor', sessions });
    for (let number = 0; number < 1024; number++) {
      const owner = { session: `s${number}`, entrypoint: 'chat', user: 'u1', keyDigest: 'k' };
      await broker.sessions.begin(owner, { edge: 'e1', seq: 0, stored: 0, windowMs: 60_000 });
    }
    const env = { REVEILLE_SESSIONS_BYTES: String(mib) };
    expect((await complaints(server.url, env))['Kept sessions']).toMatch(
      /^fault: \d+, (0\.9|1\.0)\d* MiB of 1\.0 MiB: [^]*Raise REVEILLE_SESSIONS_BYTES/,
    );
    expect(await complaints(server.url)).not.toHaveProperty('Kept sessions');
  });

  it('on a Redis of their own: it is judged too, and a fault when nobody answers there', async () => {
    await using server = await launchRedis();
    await using own = await launchRedis({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    expect((await complaints(server.url, { REVEILLE_SESSIONS_REDIS_URL: own.url }))['eviction']).toMatch(/^fault: /);
    expect(await complaints(server.url, { REVEILLE_SESSIONS_REDIS_URL: 'redis://127.0.0.1:1' })).toMatchObject({
      'Redis of the sessions': expect.stringMatching(/^fault: .*nothing listens there[^]*No edge starts without it/),
    });
  });
});

describe.concurrent('several servers', () => {
  it('behind sentinels: a failover may lose writes when none of the replicas has to have them, or stop them when all have to', async () => {
    await using sentinels = await RedisSentinels.launch({ sentinels: 1 });
    expect((await complaints(sentinels.url))['replicas']).toMatch(/^warning: 1, and all of them are needed to write/);
    const { client } = await sentinels.primary();
    await client.config('SET', 'min-replicas-to-write', '0');
    expect((await complaints(sentinels.url))['replicas']).toMatch(
      /^warning: 1, and none is needed to write[^]*min-replicas-to-write 1 && redis-cli CONFIG SET min-replicas-max-lag 2/,
    );
  });

  it('behind sentinels that may not be asked who is primary, or of which most are away', async () => {
    await using sentinels = await RedisSentinels.launch();
    const said = async () => (await complaints(sentinels.url))['Redis Sentinel'];
    await vi.waitFor(async () => expect(await said()).toBeUndefined(), { timeout: 30_000, interval: 200 });
    const allow = (rule: string) =>
      Promise.all(sentinels.sentinels.map(({ client }) => client.call('ACL', 'SETUSER', 'default', rule)));
    await allow('-sentinel|master');
    expect(await said()).toMatch(/^warning: its sentinels may not be asked \(.+\)[^]*ACL SETUSER/);
    await allow('+sentinel|master');
    const away = sentinels.sentinels.slice(1).map(({ server }) => server.pid);
    for (const pid of away) process.kill(pid, 'SIGSTOP');
    try {
      const words = /^fault: no sentinel confirms this primary: a sentinel hears 1 of 3 sentinels only/;
      await vi.waitFor(async () => expect(await said()).toMatch(words), { timeout: 60_000, interval: 500 });
    } finally {
      for (const pid of away) process.kill(pid, 'SIGCONT');
    }
  });

  it('of a cluster of which a part is gone', async () => {
    await using cluster = await RedisCluster.launch({ args: ['--cluster-require-full-coverage', 'no'] });
    expect(await complaints(cluster.url)).not.toHaveProperty('Redis Cluster');
    const [node] = cluster.nodes;
    await node?.client.call('CLUSTER', 'DELSLOTSRANGE', '0', '99');
    const words = /^fault: 100 of 16384 slots are served by nobody/;
    const said = async () => expect((await complaints(cluster.url))['Redis Cluster']).toMatch(words);
    await vi.waitFor(said, { timeout: 30_000, interval: 200 });
  });
});

describe.concurrent('what waits in it', () => {
  it('is told: nobody alive, jobs and entries that wait, a paused queue, an instance that nobody gets on with', async () => {
    await using server = await launchRedis();
    await using broker = await connectBroker({ url: server.url, namespace: 'doctor' });
    await broker.members.announce({ id: 'r1', kind: 'relay', startedAt: Date.now() - 65_000 }, 60_000);
    const identity = { instance: 'db~global', service: 'db', scope: { kind: 'global' } } as const;
    const [reading] = await broker.ledger.want('e1', [identity.instance as never], 60_000);
    const queuedAt = Date.now() - 120_000;
    const record = {
      ...{
        version: 1,
        ...identity,
        scopeKey: 'global',
        catalog: 'x',
        revision: (reading?.token ?? 0) + 1,
        state: 'queued',
      },
      ...{ generation: 1, attempt: 0, epoch: 0, dependencies: [], dependents: [], timings: { queuedAt } },
    };
    await broker.ledger.commit({ expected: reading?.token ?? 0, record: record as never, change: 'queued' });
    const redis = await clientOf(server.port, {});
    await redis.hset('{doctor}:start:meta', 'paused', '1');
    for (let count = 0; count < 120; count++) await redis.rpush('{doctor}:reconcile:wait', String(count));
    redis.disconnect();

    const { findings } = await lookAtRedis({ url: server.url, namespace: 'doctor' }, {});
    const words = Object.fromEntries(findings.map(({ what, level, words: text }) => [what, `${level}: ${text}`]));
    expect(words).toMatchObject({
      'Deployables, edges': 'warning: none is alive: users cannot connect.',
      'Deployables, relays': expect.stringMatching(/^ok: 1 alive, for 1 min \d+ s$/),
      Journal: 'ok: 1 entries not read, 0 not acknowledged, of 1 kept',
      'Queue start': expect.stringMatching(/^fault: 0 waiting.*it is paused/),
      'Queue reconcile': expect.stringMatching(/^warning: 120 waiting/),
      Instances: expect.stringMatching(/^fault: nobody gets on with db~global queued for 2 min/),
    });
  });

  it('of a namespace that nobody uses is nothing, and looking leaves nothing behind', async () => {
    await using server = await launchRedis();
    const { findings } = await lookAtRedis({ url: server.url, namespace: 'doctor' }, {});
    expect(findings.some(({ what }) => what.startsWith('Queue'))).toBe(false);
    const redis = await clientOf(server.port, {});
    expect(await redis.dbsize()).toBe(0);
    redis.disconnect();
  });
});

it('ends with 0 on warnings, 1 on faults, and prints JSON', { timeout: 120_000 }, async () => {
  await using folder = await tinyProduct();
  await using server = await launchRedis();
  const args = ['doctor', '--json', '--redis', server.url];
  const warned = await runCli(args, { cwd: folder.path });
  expect([warned.code, JSON.parse(warned.out).ok]).toEqual([0, true]);
  const redis = await clientOf(server.port, {});
  await redis.config('SET', 'maxmemory-policy', 'volatile-lru');
  redis.disconnect();
  const broken = await runCli(args, { cwd: folder.path });
  const { ok, findings } = JSON.parse(broken.out);
  expect([broken.code, ok]).toEqual([1, false]);
  expect(findings).toContainEqual({
    what: expect.stringContaining('eviction'),
    level: 'fault',
    words: expect.any(String),
  });
});
