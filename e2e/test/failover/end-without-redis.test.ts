import { launchRedis } from '@reveille/broker/server';
import { expect, test } from 'vitest';
import { Cluster, runs } from '../../src/cluster.ts';

const catalog = `
version: 1
services:
  store: { name: Store, start: { ${runs('store')} }, ready: { reported: true } }
  echo: { name: Echo, dependsOn: [store], start: { ${runs('echo')} } }
entrypoints:
  chat: { service: echo, upstream: { websocket: { path: /session } } }
`;
/** Below the 30 s that Kubernetes waits before it kills. */
const boundMs = 28_000;

test(
  'edge, initializer and relay end in time when Redis is away, and nothing that they started stays',
  { timeout: 180_000 },
  async () => {
    await using redis = await launchRedis();
    await using cluster = await Cluster.start({ redisUrl: redis.url, catalog });
    const client = await cluster.connect('ann');
    const [message] = await Array.fromAsync(client.ask({ text: 'hello' }));
    process.kill(redis.pid, 'SIGKILL');
    await redis.exited;
    const since = performance.now();
    const ended = cluster.deployables.map(async ({ kind, child, exited }) => {
      child.kill('SIGTERM');
      const code = await exited;
      return { kind, code, signal: child.signalCode, inTime: performance.now() - since < boundMs };
    });
    const orderly = (kind: string) => ({ kind, code: expect.any(Number), signal: null, inTime: true });
    expect(await Promise.all(ended)).toEqual(['relay', 'initializer', 'edge'].map(orderly));
    expect(() => process.kill(Number(Object(message?.data)['pid']), 0)).toThrow(/ESRCH/);
  },
);
