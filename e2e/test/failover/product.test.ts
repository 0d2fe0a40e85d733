import { setTimeout as pause } from 'node:timers/promises';
import { RedisCluster, RedisSentinels } from '@reveille/broker/shapes';
import type { ServerFrame } from '@reveille/contracts';
import { describe, expect, test, vi } from 'vitest';
import { Cluster, runs } from '../../src/cluster.ts';

/** `npm run test:redis` runs all; the normal run takes the way from cold to an answer on a Cluster. */
const isWholeRun = process.env['REVEILLE_TEST_REDIS'] === 'all';
const patiently = { timeout: 90_000, interval: 500 };

const catalog = `
version: 1
services:
  store: { name: Store, start: { ${runs('store')} }, ready: { reported: true } }
  echo: { name: Echo, scope: tenant, dependsOn: [store], start: { ${runs('echo')} } }
entrypoints:
  chat: { service: echo, upstream: { websocket: { path: /session } } }
`;

type Shape = AsyncDisposable & { url: string };

/** A deployment on a Redis, and a user who has an answer. */
class Product implements AsyncDisposable {
  readonly cluster: Cluster;
  readonly frames: ServerFrame[] = [];

  private constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  static async start(redisUrl: string): Promise<Product> {
    const product = new Product(await Cluster.start({ redisUrl, catalog, size: { edge: 2 } }));
    expect(await product.answerFor('ann', 'acme')).toBe('hello of ann');
    return product;
  }

  /** What the real service says to a user who comes now. */
  async answerFor(user: string, tenant: string, edge = 0): Promise<string> {
    const client = await this.cluster.connect(user, edge, { tenant });
    client.on('*', (frame) => this.frames.push(frame));
    const [message] = await Array.fromAsync(client.ask({ text: `hello of ${user}` }));
    return Object(Object(message?.data)['data'])['text'];
  }

  /** The product works as before, in the same processes, for those who were there and for those who come. */
  async goesOn(tenant: string): Promise<void> {
    // Who comes while Redis is away fails cleanly, and comes again.
    const comesAgain = (user: string, name: string, edge: number) =>
      vi.waitFor(async () => expect(await this.answerFor(user, name, edge)).toBe(`hello of ${user}`), patiently);
    await comesAgain('bob', tenant, 1);
    await comesAgain('ann', 'acme', 0);
    expect(this.cluster.deployables.map(({ child }) => child.exitCode)).toEqual([null, null, null, null]);
  }

  /** How often each service was made ready: a failover is no reason to start anything again. */
  starts(): number {
    return this.cluster.of('initializer').flatMap(({ log }) => log.filter(({ msg }) => msg === 'ready')).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster[Symbol.asyncDispose]();
  }
}

async function survives<S extends Shape>(
  launch: Promise<S>,
  happens: (redis: S, product: Product) => Promise<void>,
): Promise<void> {
  await using redis = await launch;
  await using product = await Product.start(redis.url);
  const before = product.starts();
  const since = performance.now();
  await happens(redis, product);
  await product.goesOn('globex');
  const tookMs = performance.now() - since;
  // The store is of everybody; the echo of the tenant that came after it is new.
  expect(product.starts()).toBe(before + 1);
  expect(tookMs).toBeLessThan(120_000);
}

describe('the whole product', { timeout: 240_000 }, () => {
  test('on a Cluster: from cold to an answer, once for two users on two edges', async () => {
    await using redis = await RedisCluster.launch();
    await using product = await Product.start(redis.url);
    expect(await product.answerFor('bob', 'acme', 1)).toBe('hello of bob');
    expect(product.starts()).toBe(2);
  });

  describe.runIf(isWholeRun)('survives, without the restart of anything,', () => {
    test('a planned failover of Sentinel', () =>
      survives(RedisSentinels.launch({ replicas: 2 }), (sentinels) => sentinels.failOver()));

    test('a primary behind Sentinel that is killed', () =>
      survives(RedisSentinels.launch({ replicas: 2 }), (sentinels) => sentinels.killPrimary()));

    test('all sentinels being away for half a minute', () =>
      survives(RedisSentinels.launch({ replicas: 2 }), async (sentinels, product) => {
        for (const { server } of sentinels.sentinels) process.kill(server.pid, 'SIGSTOP');
        try {
          expect(await product.answerFor('cem', 'acme', 1)).toBe('hello of cem');
          await pause(30_000);
          expect(await product.answerFor('dua', 'acme', 0)).toBe('hello of dua');
        } finally {
          for (const { server } of sentinels.sentinels) process.kill(server.pid, 'SIGCONT');
        }
      }));

    test('a primary of a Cluster that is killed: that of the queues', () =>
      survives(RedisCluster.launch({ replicas: 1 }), async (redis, { cluster }) =>
        redis.kill(await redis.primaryOf(`{${cluster.namespace}}`)),
      ));

    test('the slots of queues and records moving to other primaries', () =>
      survives(RedisCluster.launch(), async (redis, { cluster }) => {
        const partitions = Array.from({ length: 8 }, (_, n) => `{${cluster.namespace}:p${n}}`);
        for (const tag of [`{${cluster.namespace}}`, ...partitions]) {
          const from = await redis.primaryOf(tag);
          const to = redis.nodes[(redis.nodes.indexOf(from) + 1) % redis.nodes.length];
          if (to !== undefined) await redis.migrate(tag, to);
        }
      }));
  });
});
