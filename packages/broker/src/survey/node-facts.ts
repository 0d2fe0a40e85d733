import type { Redis } from 'ioredis';

/** What one server says about itself. What its user may not ask is `undefined`. Sizes in bytes, times in ms. */
export type NodeFacts = {
  address: string;
  version: string;
  role: string;
  evictionPolicy: string | undefined;
  usedBytes: number;
  /** 0: without bound. */
  maxBytes: number | undefined;
  hasAof: boolean;
  /** Whether the last write to its disk went well. */
  diskIsWell: boolean;
  appendfsync: string | undefined;
  /** Intervals of snapshots, as Redis has them; empty: none. */
  save: string | undefined;
  replicas: number;
  minReplicasToWrite: number | undefined;
  minReplicasMaxLagS: number | undefined;
  /** Numbers of the databases that hold keys. */
  databases: number[];
  /** Its clock minus ours, and by how much that may be wrong. */
  clock: { aheadMs: number; uncertainMs: number };
};

export async function nodeFacts(node: Redis): Promise<NodeFacts> {
  const sentAt = Date.now();
  const [[seconds, microseconds], info, config] = await Promise.all([
    node.time() as unknown as Promise<[string, string]>,
    node.info(),
    configOf(node),
  ]);
  const answeredAt = Date.now();
  const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  return {
    address: `${node.options.host}:${node.options.port}`,
    version: field('redis_version') ?? '0',
    role: field('role') ?? 'unknown',
    evictionPolicy: field('maxmemory_policy'),
    usedBytes: Number(field('used_memory')),
    maxBytes: number(field('maxmemory')),
    hasAof: field('aof_enabled') === '1',
    diskIsWell: ['aof_last_write_status', 'rdb_last_bgsave_status'].every((name) => (field(name) ?? 'ok') === 'ok'),
    appendfsync: config?.get('appendfsync'),
    save: config?.get('save'),
    replicas: Number(field('connected_slaves') ?? 0),
    minReplicasToWrite: number(config?.get('min-replicas-to-write')),
    minReplicasMaxLagS: number(config?.get('min-replicas-max-lag')),
    databases: [...info.matchAll(/^db(\d+):/gm)].map(([, database]) => Number(database)),
    clock: {
      aheadMs: Math.round(Number(seconds) * 1000 + Number(microseconds) / 1000 - (sentAt + answeredAt) / 2),
      uncertainMs: Math.ceil((answeredAt - sentAt) / 2) + 1,
    },
  };
}

/** Undefined when this user may not ask: the users of docs/redis may not, and managed servers refuse it to everybody. */
async function configOf(node: Redis): Promise<Map<string, string> | undefined> {
  try {
    const names = ['appendfsync', 'save', 'min-replicas-to-write', 'min-replicas-max-lag'];
    // One by one: several at once are of version 7.
    const pairs = await Promise.all(names.map((name) => node.config('GET', name) as Promise<string[]>));
    return new Map(pairs.flatMap(([name, value]) => (name === undefined ? [] : [[name, value ?? '']])));
  } catch (error) {
    if (error instanceof Error && /^(NOPERM|ERR unknown)/.test(error.message)) return undefined;
    throw error;
  }
}
