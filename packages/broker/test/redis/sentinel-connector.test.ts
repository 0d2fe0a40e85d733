import { launchRedis } from '@reveille/broker/server';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parseRedisUrl } from '../../src/redis/address.ts';
import { Connections } from '../../src/redis/open.ts';
import { ScriptedSentinel } from './scripted-sentinel.ts';

const patiently = { interval: 20, timeout: 30_000 };

/** A server, a sentinel that names it, and a client that found it so and listens for a failover. */
async function listening() {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const server = stack.use(await launchRedis());
  const sentinel = stack.use(await ScriptedSentinel.listen(server.port));
  const connections = new Connections(parseRedisUrl(sentinel.url));
  stack.defer(() => connections.endAll());
  const client = connections.open('commands') as Redis;
  await vi.waitFor(() => expect(sentinel.subscribers).toBe(1), patiently);
  const admin = new Redis(server.port, '127.0.0.1', { lazyConnect: true });
  stack.defer(() => admin.disconnect());
  return { server, sentinel, client, admin };
}

test('a failover that is told while the next connection is being opened does not end the client', async () => {
  const { sentinel, client, admin } = await listening();
  sentinel.fallSilent();
  await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  // It asks where the primary is.
  await vi.waitFor(() => expect(sentinel.held).toBeGreaterThan(0), patiently);
  sentinel.tellOfSwitch();
  // What was written first is read first.
  sentinel.speak();
  await vi.waitFor(async () => expect(await client.ping()).toBe('PONG'), patiently);
  await vi.waitFor(() => expect(sentinel.subscribers).toBe(1), patiently);
});

test('a sentinel that comes back too slow to answer ends nothing, and is heard again once it does', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  onTestFinished(() => void process.off('unhandledRejection', unhandled));
  const { sentinel, client } = await listening();
  sentinel.fallSilent();
  sentinel.cutSubscribers();
  // The first subscription went without an answer, and another one is tried.
  await vi.waitFor(() => expect(sentinel.held).toBeGreaterThan(6), patiently);
  expect(unhandled).not.toHaveBeenCalled();
  sentinel.speak();
  await vi.waitFor(() => expect(sentinel.subscribers).toBeGreaterThan(0), patiently);
  const closed = Promise.withResolvers<void>();
  client.once('close', () => closed.resolve());
  sentinel.tellOfSwitch();
  await closed.promise;
  await vi.waitFor(async () => expect(await client.ping()).toBe('PONG'), patiently);
});
