import { Cluster, Redis, type CommonRedisOptions } from 'ioredis';
import type { RedisAddress } from './address.ts';
import { commandTimeoutMs } from './availability.ts';

export type RedisClient = Redis | Cluster;

/**
 * `commands`: what somebody waits for; fails at once while Redis is away. `stream`: blocking reads of our own.
 * `engine`: connections that BullMQ drives; it waits for Redis to come back.
 */
export type Role = 'commands' | 'stream' | 'engine';

/** A socket that owes an answer for so long is torn down and opened again: the only way to leave a half-open one (ms). */
const socketTimeoutMs = { commands: 3000, stream: 8000, engine: 15_000 } as const satisfies Record<Role, number>;
/** Redis has changed its role or lost its disk: the connection is opened anew, which finds the new primary. */
const rolesChanged = /^(READONLY|UNBLOCKED)/;

/**
 * Opens connections and remembers all of them, with those that BullMQ duplicates from them, so that each can be ended
 * even when BullMQ waits for a Redis that does not come back.
 */
export class Connections {
  readonly #address: RedisAddress;
  readonly #name: string | undefined;
  readonly #families = new Map<RedisClient, Set<RedisClient>>();

  /** `name` is what Redis shows for these connections in CLIENT LIST. */
  constructor(address: RedisAddress, name?: string) {
    this.#address = address;
    this.#name = name;
  }

  open(role: Role): RedisClient {
    const client = this.#address.kind === 'cluster' ? this.#cluster(role) : this.#single(role);
    const family = new Set<RedisClient>();
    this.#families.set(client, family);
    return joinFamily(client, family);
  }

  /** Ends a connection that was opened here, and its duplicates, at once and in whatever state they are. */
  end(client: RedisClient): void {
    for (const member of this.#families.get(client) ?? []) member.disconnect();
    this.#families.delete(client);
  }

  endAll(): void {
    for (const client of [...this.#families.keys()]) this.end(client);
  }

  #single(role: Role): Redis {
    const [node] = this.#address.nodes;
    if (this.#address.kind === 'sentinel') {
      return new Redis({
        ...this.#options(role),
        sentinels: [...this.#address.nodes],
        name: this.#address.primaryName,
        failoverDetector: true,
        sentinelRetryStrategy: retryDelayMs,
        sentinelCommandTimeout: commandTimeoutMs,
      });
    }
    return new Redis({ ...this.#options(role), ...node, db: this.#address.database });
  }

  #cluster(role: Role): Cluster {
    const { retryStrategy: _, ...redisOptions } = this.#options(role);
    return new Cluster([...this.#address.nodes], {
      redisOptions,
      enableOfflineQueue: role !== 'commands',
      clusterRetryStrategy: retryDelayMs,
      slotsRefreshTimeout: commandTimeoutMs,
      maxRedirections: 8,
      retryDelayOnFailover: 100,
    });
  }

  #options(role: Role) {
    return {
      ...(this.#address.username === undefined ? {} : { username: this.#address.username }),
      ...(this.#address.password === undefined ? {} : { password: this.#address.password }),
      ...(this.#address.tls ? { tls: {} } : {}),
      ...(this.#name === undefined ? {} : { connectionName: this.#name }),
      // Version 3 gives maps where BullMQ and the stream readers expect arrays.
      protocol: 2 as const,
      connectTimeout: commandTimeoutMs,
      socketTimeout: socketTimeoutMs[role],
      retryStrategy: retryDelayMs,
      reconnectOnError: (error) => rolesChanged.test(error.message),
      ...(role === 'commands'
        ? {
            commandTimeout: commandTimeoutMs,
            maxRetriesPerRequest: 0,
            enableOfflineQueue: false,
            autoResendUnfulfilledCommands: false,
          }
        : { maxRetriesPerRequest: null }),
    } satisfies CommonRedisOptions & { tls?: object };
  }
}

function joinFamily<C extends RedisClient>(client: C, family: Set<RedisClient>): C {
  family.add(client);
  // Errors are told by each user of a connection; without any listener ioredis would write to standard error.
  client.on('error', () => undefined);
  client.on('end', () => family.delete(client));
  const duplicate = client.duplicate.bind(client) as (...args: unknown[]) => C;
  Object.defineProperty(client, 'duplicate', {
    value: (...args: unknown[]) => joinFamily(duplicate(...args), family),
    // BullMQ wraps clients in a proxy that may only answer for configurable properties.
    configurable: true,
    writable: true,
  });
  return client;
}

/** 50 ms, doubled up to 1 s: Redis is found again within a second of its return. */
function retryDelayMs(times: number): number {
  return Math.min(1000, 50 * 2 ** Math.min(times - 1, 5));
}
