import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { freePort } from '../server/free-port.ts';
import { launchRedis, type LocalRedis } from '../server/launch.ts';
import { clientOf } from './client-of.ts';
import type { ShapeOptions } from './shape-options.ts';

const slots = 16_384;
const lookEveryMs = 50;
/** A node that does not answer its peers for so long has failed, as they see it (ms). The default of Redis is 15 s. */
const nodeTimeoutMs = 2000;
const formDeadlineMs = 30_000;

export type ClusterNode = { server: LocalRedis; client: Redis; id: string; port: number };

/** A Redis Cluster of local processes: as many primaries, each with as many replicas. */
export class RedisCluster implements AsyncDisposable {
  readonly nodes: readonly ClusterNode[];
  readonly url: string;
  readonly #stack: AsyncDisposableStack;

  private constructor(nodes: readonly ClusterNode[], url: string, stack: AsyncDisposableStack) {
    this.nodes = nodes;
    this.url = url;
    this.#stack = stack;
  }

  /** Resolves when every node sees the whole cluster, and every replica its primary. */
  static async launch(options: ShapeOptions & { primaries?: number; replicas?: number } = {}): Promise<RedisCluster> {
    const { primaries = 3, replicas = 0 } = options;
    await using stack = new AsyncDisposableStack();
    const nodes: ClusterNode[] = [];
    for (let index = 0; index < primaries * (1 + replicas); index++) nodes.push(await launchNode(options, stack));
    const first = nodes[0] as ClusterNode;
    for (const [index, { client }] of nodes.slice(0, primaries).entries()) {
      const [from, to] = [index, index + 1].map((part) => Math.floor((part * slots) / primaries));
      await client.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String((to as number) - 1));
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    }
    for (const { port } of nodes.slice(1)) await first.client.call('CLUSTER', 'MEET', '127.0.0.1', String(port));
    await eventually(async () => (await Promise.all(nodes.map(knownNodes))).every((known) => known === nodes.length));
    for (const [index, replica] of nodes.slice(primaries).entries())
      await replica.client.call('CLUSTER', 'REPLICATE', (nodes[index % primaries] as ClusterNode).id);
    await eventually(async () => (await Promise.all(nodes.map(isSettled))).every(Boolean));
    const scheme = options.tls === undefined ? 'redis-cluster' : 'rediss-cluster';
    const url = `${scheme}://${nodes.slice(0, primaries).map(({ port }) => `127.0.0.1:${port}`)}`;
    return new RedisCluster(nodes, url, stack.move());
  }

  /** The primary that serves this slot, by its own word. */
  async primaryOf(key: string): Promise<ClusterNode> {
    const slot = Number(await this.#anybody().client.call('CLUSTER', 'KEYSLOT', key));
    for (const node of this.#living()) {
      const [role] = (await node.client.role()) as [string];
      const ranges = (await node.client.call('CLUSTER', 'SLOTS')) as [number, number, [string, number, string]][];
      const range = ranges.find(([from, to]) => from <= slot && slot <= to);
      if (role === 'master' && range?.[2][2] === node.id) return node;
    }
    throw new Error(`no living primary serves the slot of ${key}`);
  }

  /** Moves the slot of a key, with all its keys, while clients use them. */
  async migrate(key: string, to: ClusterNode): Promise<void> {
    const slot = String(await to.client.call('CLUSTER', 'KEYSLOT', key));
    const from = await this.primaryOf(key);
    await to.client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
    await from.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
    for (;;) {
      const keys = (await from.client.call('CLUSTER', 'GETKEYSINSLOT', slot, '5')) as string[];
      if (keys.length === 0) break;
      await from.client.call('MIGRATE', '127.0.0.1', String(to.port), '', '0', '5000', 'KEYS', ...keys);
    }
    for (const node of [to, from]) await node.client.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
  }

  async kill(node: ClusterNode): Promise<void> {
    process.kill(node.server.pid, 'SIGKILL');
    await node.server.exited;
    node.client.disconnect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #living(): ClusterNode[] {
    return this.nodes.filter(({ client }) => client.status !== 'end');
  }

  #anybody(): ClusterNode {
    const [node] = this.#living();
    if (node === undefined) throw new Error('no node of the cluster is left');
    return node;
  }
}

async function launchNode(options: ShapeOptions, stack: AsyncDisposableStack): Promise<ClusterNode> {
  const dir = await mkdtemp(join(tmpdir(), 'reveille-cluster-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const server = stack.use(
    await launchRedis({
      dir,
      port: await clusterPort(),
      ...(options.tls === undefined ? {} : { tls: options.tls }),
      args: [
        ...['--cluster-enabled', 'yes', '--cluster-node-timeout', String(nodeTimeoutMs)],
        ...['--cluster-replica-validity-factor', '0', '--repl-diskless-sync-delay', '0'],
        ...(options.tls === undefined ? [] : ['--tls-cluster', 'yes']),
        ...(options.password === undefined
          ? []
          : ['--requirepass', options.password, '--masterauth', options.password]),
        ...(options.args ?? []),
      ],
    }),
  );
  const client = await clientOf(server.port, options);
  stack.defer(() => client.disconnect());
  return { server, client, id: String(await client.call('CLUSTER', 'MYID')), port: server.port };
}

/** Nodes talk on a port that is higher by 10,000. */
async function clusterPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port <= 55_000) return port;
  }
}

async function knownNodes({ client }: ClusterNode): Promise<number> {
  return infoField((await client.call('CLUSTER', 'INFO')) as string, 'cluster_known_nodes');
}

async function isSettled({ client }: ClusterNode): Promise<boolean> {
  const info = (await client.call('CLUSTER', 'INFO')) as string;
  const role = (await client.role()) as [string, ...unknown[]];
  const linked = role[0] === 'master' || role[3] === 'connected';
  const ranges = (await client.call('CLUSTER', 'SLOTS')) as [number, number, ...unknown[]][];
  const covered = ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  return info.includes('cluster_state:ok') && linked && covered === slots;
}

function infoField(info: string, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + formDeadlineMs;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`the cluster did not form within ${formDeadlineMs} ms`);
    await sleep(lookEveryMs);
  }
}
