import type { ConnectionOptions } from 'node:tls';
import type { Writable } from 'node:stream';
import { TurnWrites } from '@reveille/lifecycle';
import { Cluster, Redis, type CommonRedisOptions } from 'ioredis';
import type { RedisAddress } from './address.ts';
import { commandTimeoutMs } from './availability.ts';
import { sentinelConnector } from './sentinel-connector.ts';

export type RedisClient = Redis | Cluster;

/**
 * `commands`: what somebody waits for; fails at once while Redis is away. `stream`: blocking reads of our own.
 * `engine`: connections that BullMQ drives; it waits for Redis to come back.
 */
export type Role = 'commands' | 'stream' | 'engine';

/** A socket that owes an answer for so long is torn down and opened again: the only way to leave a half-open one (ms). */
const socketTimeoutMs = { commands: 3000, stream: 8000, engine: 15_000 } as const satisfies Record<Role, number>;
const sentinelError = 'sentinel error';
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
    return this.#remember(this.#address.kind === 'cluster' ? this.#cluster(role) : this.#single(role));
  }

  /** A connection to each sentinel that the address names, for what is asked of it in passing: fails at once while it is away. */
  openSentinels(): Redis[] {
    const { nodes, sentinelUsername: username, sentinelPassword: password } = this.#address;
    const options = { ...this.#options('commands', { username, password }), enableReadyCheck: false };
    return nodes.map((node) => this.#remember(new Redis({ ...options, ...node })));
  }

  /** The last error of a sentinel, or of a node of a cluster, which the client itself does not tell, until disposed. */
  hiddenErrors(client: RedisClient): Disposable & { last(): unknown } {
    let last: unknown;
    const note = (error: unknown): unknown => (last = error);
    client.on(sentinelError, note);
    const [node] = this.#address.nodes;
    const probe = client instanceof Cluster ? this.#remember(this.#standalone('commands', node)) : undefined;
    probe?.on('error', note);
    return {
      last: () => last,
      [Symbol.dispose]: () => {
        client.off(sentinelError, note);
        if (probe !== undefined) this.end(probe);
      },
    };
  }

  /** Whether a connection that was opened here and all its duplicates stand. */
  areUp(client: RedisClient): boolean {
    return [...(this.#families.get(client) ?? [])].every(({ status }) => status === 'ready');
  }

  /** Ends a connection that was opened here, and its duplicates, at once and in whatever state they are. */
  end(client: RedisClient): void {
    for (const member of this.#families.get(client) ?? []) member.disconnect();
    this.#families.delete(client);
  }

  endAll(): void {
    for (const client of [...this.#families.keys()]) this.end(client);
  }

  #remember<C extends RedisClient>(client: C): C {
    const family = new Set<RedisClient>();
    this.#families.set(client, family);
    return joinFamily(client, family);
  }

  #standalone(role: Role, node: { host: string; port: number } | undefined): Redis {
    return new Redis({ ...this.#options(role), ...node, db: this.#address.database });
  }

  #single(role: Role): Redis {
    if (this.#address.kind === 'sentinel') {
      const client: Redis = new Redis({
        ...this.#options(role),
        sentinels: [...this.#address.nodes],
        name: this.#address.primaryName,
        failoverDetector: true,
        Connector: sentinelConnector((error) => client.emit(sentinelError, error)),
        // By default a detector that lost its sentinel never hears of a failover again.
        sentinelReconnectStrategy: retryDelayMs,
        sentinelRetryStrategy: retryDelayMs,
        sentinelCommandTimeout: commandTimeoutMs,
        ...defined({
          sentinelUsername: this.#address.sentinelUsername,
          sentinelPassword: this.#address.sentinelPassword,
        }),
        ...(this.#tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: this.#tls }),
      });
      return client;
    }
    return this.#standalone(role, this.#address.nodes[0]);
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
      // A certificate is for a name: by default ioredis connects to the address that it has resolved it to.
      ...(this.#tls === undefined ? {} : { dnsLookup: (name, found) => found(null, name) }),
    });
  }

  get #tls(): ConnectionOptions | undefined {
    return this.#address.tls === undefined ? undefined : defined(this.#address.tls);
  }

  #options(role: Role, { username, password }: Pick<RedisAddress, 'username' | 'password'> = this.#address) {
    return {
      ...defined({
        username,
        password,
        tls: this.#tls,
        connectionName: this.#name,
      }),
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

/** Without what is undefined, which ioredis and Node do not take for absent. */
function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function joinFamily<C extends RedisClient>(client: C, family: Set<RedisClient>): C {
  family.add(client);
  if (client instanceof Redis) gatherWrites(client);
  else client.on('+node', gatherWrites);
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

/** Commands of one turn of the event loop leave in one system call: answers come several at once, and each makes further commands. */
function gatherWrites(client: Redis): void {
  client.on('connect', () => {
    const stream = Reflect.get(client, 'stream') as Writable;
    const writes = new TurnWrites(stream);
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    stream.write = (...args: unknown[]) => {
      writes.gather();
      return write(...args);
    };
  });
}

/** 50 ms, doubled up to 1 s: Redis is found again within a second of its return. */
function retryDelayMs(times: number): number {
  return Math.min(1000, 50 * 2 ** Math.min(times - 1, 5));
}
