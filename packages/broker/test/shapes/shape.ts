import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBroker, type RedisAccess } from '@reveille/broker';
import { launchRedis } from '@reveille/broker/server';
import { type Certificates, makeCertificates, RedisCluster, RedisSentinels } from '@reveille/broker/shapes';
import { parseRedisUrl } from '../../src/redis/address.ts';
import { Connections, type RedisClient } from '../../src/redis/open.ts';
import type { Bench, BenchOptions } from '../conformance/bench.ts';
import { benchOn } from '../redis/redis-bench.ts';

const password = 'a:pass@word/';

/** A Redis of a shape that people run, as local processes. */
export class Shape implements AsyncDisposable {
  readonly url: string;
  readonly access: RedisAccess;
  readonly client: RedisClient;
  readonly #stack: AsyncDisposableStack;

  private constructor(url: string, access: RedisAccess, client: RedisClient, stack: AsyncDisposableStack) {
    this.url = url;
    this.access = access;
    this.client = client;
    this.#stack = stack;
  }

  static async launch(name: ShapeName): Promise<Shape> {
    await using stack = new AsyncDisposableStack();
    const dir = await mkdtemp(join(tmpdir(), 'reveille-shape-'));
    stack.defer(() => rm(dir, { recursive: true, force: true }));
    const { url, access } = await shapes[name](dir, stack);
    const connections = new Connections(parseRedisUrl(url, access), 'bench');
    stack.defer(() => connections.endAll());
    const client = connections.open('engine');
    await client.ping();
    return new Shape(url, access, client, stack.move());
  }

  bench({ sessionsBytes: bytes }: BenchOptions = {}): Promise<Bench> {
    return benchOn(this.client, (namespace) =>
      connectBroker({ url: this.url, ...this.access, namespace, partitions: 8, sessions: { bytes } }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

export type ShapeName = keyof typeof shapes;

type Launch = (dir: string, stack: AsyncDisposableStack) => Promise<{ url: string; access: RedisAccess }>;

const shapes = {
  'standalone with AOF': async (dir, stack) => {
    const { url } = stack.use(await launchRedis({ dir, persist: true, args: ['--requirepass', password] }));
    return { url, access: { password } };
  },
  'standalone with TLS of a private CA': async (dir, stack) => {
    const tls = await makeCertificates(dir);
    const { url } = stack.use(await launchRedis({ tls, args: ['--requirepass', password] }));
    return { url: url.replace('//', `//:${encodeURIComponent(password)}@`), access: { tls: await textOf(tls) } };
  },
  Sentinel: async (_dir, stack) => {
    const { url } = stack.use(await RedisSentinels.launch());
    return { url, access: {} };
  },
  'Sentinel with TLS and passwords': async (dir, stack) => {
    const tls = await makeCertificates(dir);
    const { url } = stack.use(await RedisSentinels.launch({ tls, password: 'secret' }));
    return { url, access: { password: 'secret', sentinelPassword: 'secret', tls: await textOf(tls) } };
  },
  Cluster: async (_dir, stack) => {
    const { url } = stack.use(await RedisCluster.launch());
    return { url, access: {} };
  },
  'Cluster with TLS and a password': async (dir, stack) => {
    const tls = await makeCertificates(dir);
    const { url } = stack.use(await RedisCluster.launch({ tls, password }));
    return { url, access: { password, tls: await textOf(tls) } };
  },
} as const satisfies Record<string, Launch>;

export const shapeNames = Object.keys(shapes) as ShapeName[];

async function textOf({ ca }: Certificates): Promise<{ ca: string }> {
  return { ca: await readFile(ca, 'utf8') };
}
