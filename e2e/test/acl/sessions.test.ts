import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBroker } from '@reveille/broker';
import { launchRedis } from '@reveille/broker/server';
import type { SessionStore } from '@reveille/orchestration';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { CommandUsage } from '../../src/command-usage.ts';

const file = new URL('../../../docs/redis/sessions.acl', import.meta.url);
const user = { username: 'reveille-sessions', password: 'secret-sessions' };
const admin = { password: 'secret-admin' };
/** Of a Cluster alone. */
const rarely = ['cluster|slots', 'cluster|info', 'asking'];

test('a Redis of sessions serves edges with the shipped user, which may do that and nothing else', async () => {
  await using stack = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'reveille-acl-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const text = await readFile(file, 'utf8');
  const users = join(dir, 'sessions.acl');
  await writeFile(users, text.replaceAll('CHANGE-ME', 'secret'));
  const server = stack.use(await launchRedis({ args: ['--aclfile', users] }));
  using usage = await CommandUsage.watch(server.port, admin.password);
  const looker = new Redis({ port: server.port, ...admin });
  stack.defer(() => looker.disconnect());

  const sessions = { url: server.url, access: user };
  const main = stack.use(await launchRedis());
  const broker = stack.use(await connectBroker({ url: main.url, owner: 'edge', sessions }));
  const list = String(await looker.client('LIST'));
  const addresses = new Map([...list.matchAll(/ addr=(\S+) .* user=(\S+)/g)].map(([, at = '', of = '']) => [at, of]));
  await wholeLife(broker.sessions);
  expect(await looker.acl('LOG')).toEqual([]);
  const used = new Set([...(usage.byUser(addresses).get(user.username) ?? []), ...rarely]);
  const line = text.split('\n').find((one) => one.startsWith(`user ${user.username} `)) ?? '';
  const allowed = line.split(' ').flatMap((word) => (word.startsWith('+') ? [word.slice(1)] : []));
  expect(allowed.filter((command) => !used.has(command))).toEqual([]);

  const edge = new Redis({ port: server.port, ...user });
  stack.defer(() => edge.disconnect());
  for (const [command, ...args] of [['FLUSHALL'], ['KEYS', '*'], ['CONFIG', 'GET', '*'], ['GET', 'foreign']] as const)
    await expect(edge.call(command, ...args), command).rejects.toThrow(/NOPERM/);
});

/** Everything that edges ask of it. */
async function wholeLife(store: SessionStore): Promise<void> {
  const owner = { session: 'acl', entrypoint: 'chat', user: 'u1', keyDigest: 'k' };
  const windowMs = 10_000;
  const bounds = { windowMs, messages: 2, bytes: 1000 };
  const begun = await store.begin(owner, { edge: 'e1', seq: 0, stored: 0, windowMs });
  const hold = { session: 'acl', epoch: 'epoch' in begun ? begun.epoch : 0 };
  for (let number = 1; number <= 257; number++)
    await store.write(hold, [{ kind: 'accept', id: `m${number}`, generation: 1 }], bounds);
  for (const seq of [1, 2, 3, 5])
    await store.write(
      hold,
      [{ kind: 'keep', message: { seq, stored: seq, frame: `frame ${seq}`, answered: 'm1' } }],
      bounds,
    );
  await store.received(hold, 4);
  await store.renew([hold], windowMs);
  const taken = await store.takeOver(owner, { edge: 'e2', lastSeq: 4, windowMs });
  expect(taken).toMatchObject({ frames: ['frame 5'] });
  await store.end({ session: 'acl', epoch: 'epoch' in taken ? taken.epoch : 0 });
}
