import { BrokerUnavailable } from '@reveille/orchestration';
import { Cluster } from 'ioredis';
import type { Keys } from '../key/keys.ts';
import { silentLogger } from '../logger.ts';
import type { RedisAccess } from './access.ts';
import { parseRedisUrl } from './address.ts';
import { Link } from './link.ts';
import type { RedisClient } from './open.ts';

/** Why a Redis cannot be used, and what mends it. */
export type RedisFault = {
  /** `absent` and `url` end every check; the others are found together. */
  code: 'absent' | 'url' | 'too_old' | 'evicting' | 'other_layout';
  message: string;
};

/** Redis answers but must not be used: all its faults at once. */
export class RedisUnfit extends Error {
  override readonly name = 'RedisUnfit';
  /** Of a process that was to use it. */
  readonly exitCode = 2;
  readonly faults: readonly RedisFault[];
  constructor(faults: readonly RedisFault[]) {
    super(faults.map(({ message }) => message).join('\n'));
    this.faults = faults;
  }

  get report(): string {
    return this.message;
  }
}

/** What is wrong with the Redis at `url`; empty when it may be used. Never rejects, ends within 5 s. */
export async function checkRedis(url: string, access: RedisAccess = {}): Promise<RedisFault[]> {
  let link: Link;
  try {
    link = new Link(parseRedisUrl(url, access), silentLogger);
  } catch (error) {
    return [{ code: 'url', message: (error as Error).message }];
  }
  await using open = link;
  try {
    await open.connected();
    return await faultsOf(open);
  } catch (error) {
    if (error instanceof BrokerUnavailable) return [{ code: 'absent', message: error.message }];
    throw error;
  }
}

/** Faults of a Redis that answers, over all primaries of a cluster. */
export async function faultsOf(link: Link): Promise<RedisFault[]> {
  const faults = await link.run((client) => Promise.all(primaries(client).map((node) => faultsOfNode(node))));
  return [...new Map(faults.flat().map((fault) => [fault.message, fault])).values()];
}

/** Version of the layout of our keys and the number of partitions: all processes on one namespace must agree. */
export function layoutOf(keys: Keys): string {
  return `1 partitions=${keys.partitions}`;
}

/** Writes the layout if there is none: also a write that changes nothing, and so our heartbeat. */
export function writeLayout(client: RedisClient, keys: Keys, key = keys.layout()): Promise<unknown> {
  return client.setnx(key, layoutOf(keys));
}

/** A namespace that others use with another layout or another number of partitions. */
export async function layoutFaults(link: Link, keys: Keys): Promise<RedisFault[]> {
  const stored = await link.run(async (client) => {
    await Promise.all(keys.layouts().map((key) => writeLayout(client, keys, key)));
    return await client.get(keys.layout());
  });
  if (stored === null || stored === layoutOf(keys)) return [];
  const message =
    `The namespace "${keys.namespace}" of this Redis is in use with another layout (${stored}, here ${layoutOf(keys)}). ` +
    'Use the same number of partitions everywhere, or another namespace.';
  return [{ code: 'other_layout', message }];
}

async function faultsOfNode(node: Pick<RedisClient, 'info'>): Promise<RedisFault[]> {
  const info = await node.info();
  const [major = 0, minor = 0] = (field(info, 'redis_version') ?? '0').split('.').map(Number);
  const policy = field(info, 'maxmemory_policy') ?? 'noeviction';
  const faults: RedisFault[] = [];
  if (major < 6 || (major === 6 && minor < 2)) {
    const message = `Redis ${major}.${minor} is too old: version 6.2 or newer is needed.`;
    faults.push({ code: 'too_old', message });
  }
  if (policy !== 'noeviction') {
    const message =
      `Redis may throw away keys when its memory is full: maxmemory-policy is "${policy}" and must be "noeviction". ` +
      'Mend it with: redis-cli CONFIG SET maxmemory-policy noeviction (and the same in redis.conf).';
    faults.push({ code: 'evicting', message });
  }
  return faults;
}

function field(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}

function primaries(client: RedisClient): Pick<RedisClient, 'info'>[] {
  return client instanceof Cluster ? client.nodes('master') : [client];
}
