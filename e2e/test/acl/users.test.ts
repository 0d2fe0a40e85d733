import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchRedis } from '@reveille/broker/server';
import { RedisCluster } from '@reveille/broker/shapes';
import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { Cluster, runs } from '../../src/cluster.ts';
import { CommandUsage } from '../../src/command-usage.ts';
import type { Deployable } from '../../src/deployables.ts';
import { freePort } from '../../src/free-port.ts';
import { operate } from './operate.ts';
import { WebhookReceiver } from '../../src/webhook-receiver.ts';

const usersFile = new URL('../../../docs/redis/users.acl', import.meta.url);
const roles = ['edge', 'initializer', 'relay', 'operator'] as const;
type Role = (typeof roles)[number];
const patiently = { timeout: 60_000, interval: 100 };

const catalog = `
version: 1
services:
  store: { name: Store, start: { ${runs('store')} }, ready: { reported: true }, idle: { stopAfterMs: 200 } }
  echo: { name: Echo, scope: tenant, dependsOn: [store], start: { ${runs('echo')} }, idle: { stopAfterMs: 200 } }
  broken: { start: { process: { command: [node, --eval, process.exit(3)] } }, retry: { attempts: 1 } }
entrypoints:
  chat: { service: echo, upstream: { websocket: { path: /session } }, resume: { windowMs: 1000 } }
`;

/** Listed, but not to be seen in every run: why each is needed. */
const rarely: Record<Role | 'all', Record<string, string>> = {
  all: {
    'cluster|slots': 'Redis Cluster',
    'cluster|info': 'Redis Cluster',
    asking: 'Redis Cluster, while a slot moves',
  },
  edge: {
    zcount: 'says its number to who waits in line',
    zrank: 'says its number to who waits in line',
    persist: 'an instance that has a record is wanted again',
    lrange: 'gives a client that comes back what it has missed',
    smembers: 'says what was accepted and not answered, when a session is continued',
    multi: 'several wake-ups at once',
    exec: 'several wake-ups at once',
    hincrby: 'counts what an edge that is too slow has missed',
    xtrim: 'drops the oldest of the inbox of an edge that is too slow',
  },
  initializer: {
    incr: 'a start that there is no room for goes into the queue',
    lpush: 'a start that there is no room for goes into the queue',
    multi: 'several wake-ups at once',
    exec: 'several wake-ups at once',
    sismember: 'finds the turn of a start that has to wait',
    zrevrangebyscore: 'finds the turn of a start that has to wait',
    pexpire: 'records of ended user scopes are forgotten',
  },
  relay: {
    incrby: 'begins a new counter of messages, unless another was first',
    hincrby: 'counts what an edge that is too slow has missed',
    xrange: 'looks at the oldest of a full inbox',
    zrangebyscore: 'finds edges that are gone, unless an edge was first',
    'xgroup|setid': 'the journal was trimmed past what relays have read',
    xtrim: 'drops the oldest of the inbox of an edge that is too slow',
  },
  operator: {
    incrby: 'begins a new counter of messages, unless another was first',
    hincrby: 'counts what an edge that is too slow has missed',
    xrange: 'looks at the oldest of a full inbox',
    zrangebyscore: 'finds edges that are gone, unless an edge was first',
    'xgroup|setid': 'the journal was trimmed past what relays have read',
    xtrim: 'drops the oldest of the inbox of an edge that is too slow',
    multi: 'several wake-ups at once',
    exec: 'several wake-ups at once',
  },
};

/** What no role may do: each would harm others, or tell what is none of its business. */
const refused = [
  ['FLUSHALL'],
  ['FLUSHDB'],
  ['CONFIG', 'GET', '*'],
  ['CONFIG', 'SET', 'maxmemory', '1'],
  ['KEYS', '*'],
  ['SCAN', '0'],
  ['DEBUG', 'SLEEP', '0'],
  ['SHUTDOWN'],
  ['ACL', 'LIST'],
  ['CLIENT', 'LIST'],
  ['MONITOR'],
  ['REPLICAOF', 'NO', 'ONE'],
  ['GET', 'of-somebody-else'],
  ['SETNX', '{other}:layout', 'x'],
] as const;

const userOf = (kind: Role): string => `reveille-${kind}`;
const passwordOf = (name: string): string => `secret-${name}`;

test('four roles with the shipped users go the whole way, with nothing refused and nothing listed in vain', async () => {
  await using dir = await temporaryFolder();
  await using server = await launchRedis({ args: ['--aclfile', await usersFileIn(dir.path)] });
  const admin = new Redis({ port: server.port, password: passwordOf('admin') });
  using usage = await CommandUsage.watch(server.port, passwordOf('admin'));
  const users = new Map<string, string>();
  const looking = setInterval(() => void noteUsers(admin, users), 50);
  try {
    await wholeWay(server.url);
    expect(await admin.acl('LOG')).toEqual([]);
  } finally {
    clearInterval(looking);
    admin.disconnect();
  }
  const text = await readFile(usersFile, 'utf8');
  const used = usage.byUser(users);
  for (const kind of roles) {
    const known = new Set([
      ...(used.get(userOf(kind)) ?? []),
      ...Object.keys(rarely.all),
      ...Object.keys(rarely[kind]),
    ]);
    const inVain = [...commandsOf(text, userOf(kind))].filter((command) => !known.has(command));
    expect([kind, inVain]).toEqual([kind, []]);
  }
}, 180_000);

test('no role may empty, read or reconfigure Redis, or touch what others keep there', async () => {
  await using dir = await temporaryFolder();
  await using server = await launchRedis({ args: ['--aclfile', await usersFileIn(dir.path)] });
  for (const kind of roles) {
    const redis = new Redis({ port: server.port, username: userOf(kind), password: passwordOf(kind) });
    for (const [command, ...args] of refused)
      await expect(redis.call(command, ...args), `${kind}: ${command}`).rejects.toThrow(
        /NOPERM|DEBUG command not allowed/,
      );
    redis.disconnect();
  }
  const edge = new Redis({ port: server.port, username: userOf('edge'), password: passwordOf('edge') });
  await expect(edge.xadd('{reveille:p0}:journal', '*', 'entry', '{}')).rejects.toThrow(/NOPERM/);
  edge.disconnect();
});

test.runIf(process.env['REVEILLE_TEST_REDIS'] === 'all')(
  'the same users do on a Cluster',
  async () => {
    await using dir = await temporaryFolder();
    const password = passwordOf('admin');
    const args = ['--aclfile', await usersFileIn(dir.path)];
    await using redis = await RedisCluster.launch({ password, args });
    await wholeWay(redis.url);
    for (const { client } of redis.nodes) expect(await client.acl('LOG')).toEqual([]);
  },
  180_000,
);

/** Cold, answer, loss, answer, stop, and the end of everybody. */
async function wholeWay(redisUrl: string): Promise<void> {
  const limits = { REVEILLE_CONNECTIONS_PER_ADDRESS: '100', REVEILLE_HANDSHAKES_PER_SECOND: '100' };
  const env = { REVEILLE_NAMESPACE: 'reveille', ...limits };
  const size = { edge: 0, initializer: 0, relay: 0 };
  await using receiver = await WebhookReceiver.listen();
  const healthPort = String(await freePort());
  await using cluster = await Cluster.start({ redisUrl, catalog, env, size });
  const as = (role: Role) => ({ REDIS_USERNAME: userOf(role), REDIS_PASSWORD: passwordOf(role) });
  for (const kind of ['edge', 'initializer'] as const) cluster.add(kind, as(kind));
  const relay = cluster.add('relay', { ...as('relay'), REVEILLE_HEALTH_PORT: healthPort });
  await Promise.all(cluster.deployables.map((one) => one.running()));
  const client = await cluster.connect('ann');
  const [first] = await Array.fromAsync(client.ask({ text: 'one' }));
  const again = new Promise((resolve) => client.on('initialization_completed', resolve));
  process.kill(Number(Object(first?.data)['pid']), 'SIGKILL');
  await again;
  const [second] = await Array.fromAsync(client.ask({ text: 'two' }));
  expect(Object(second?.data)['data']).toEqual({ text: 'two' });
  const measure = async () => (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
  expect(await measure()).toMatch(/^reveille_journal_unread \d/m);
  await end(relay);
  // Only now, so that each of both has done everything of a relay.
  const admin = { REVEILLE_ADMIN_PORT: '0', REVEILLE_ADMIN_TOKEN: 'an-admin-token-of-this-test-run' };
  const told = { ...receiver.env, REVEILLE_HEALTH_PORT: healthPort };
  const operator = cluster.add('relay', { ...as('operator'), ...admin, ...told });
  const adminUrl = String((await operator.running())['adminUrl']);
  await operate({ adminUrl, token: admin.REVEILLE_ADMIN_TOKEN, receiver });
  expect(await measure()).toMatch(/^reveille_journal_unread \d/m);
  await client[Symbol.asyncDispose]();
  await vi.waitUntil(() => stoppedBy(cluster).size === 2, patiently);
  for (const one of cluster.deployables) if (one !== relay) await end(one);
}

async function end(one: Deployable): Promise<void> {
  one.child.kill('SIGTERM');
  expect(await one.exited).toBe(0);
}

function stoppedBy(cluster: Cluster): Set<unknown> {
  const lines = cluster.of('initializer').flatMap(({ log }) => log);
  return new Set(
    lines.flatMap((line) => (line.msg === 'stopped' && line['reason'] === 'idle' ? [line['instance']] : [])),
  );
}

async function noteUsers(admin: Redis, users: Map<string, string>): Promise<void> {
  const list = (await admin.client('LIST')) as string;
  for (const [, address = '', user = ''] of list.matchAll(/ addr=(\S+) .* user=(\S+)/g)) users.set(address, user);
}

/** What the line of a user allows. */
function commandsOf(text: string, user: string): Set<string> {
  const line = text.split('\n').find((one) => one.startsWith(`user ${user} `)) ?? '';
  return new Set(line.split(' ').flatMap((word) => (word.startsWith('+') ? [word.slice(1)] : [])));
}

async function usersFileIn(dir: string): Promise<string> {
  const file = join(dir, 'users.acl');
  await writeFile(file, (await readFile(usersFile, 'utf8')).replaceAll('CHANGE-ME', 'secret'));
  return file;
}

async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'reveille-acl-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
