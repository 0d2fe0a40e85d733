import type { Connections } from '@reveille/orchestration';
import type { Keys } from '../key/keys.ts';
import type { Link } from '../redis/link.ts';
import { script } from '../redis/script.ts';
import { prelude } from '../ledger/script/prelude.ts';

/** Holds or renews a place until now + ttl, and lets the key live as long as its last place. */
const holdFunction = `
local function hold(key, connection, ttl)
  redis.call('ZADD', key, now + ttl, connection)
  if redis.call('PTTL', key) < ttl then redis.call('PEXPIRE', key, ttl) end
end
`;

/** KEYS: places. ARGV: connection, limit, ttlMs. Returns whether it was given, and how many others are held. */
const acquireScript = script(`${prelude}${holdFunction}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREM', KEYS[1], ARGV[1])
local held = redis.call('ZCARD', KEYS[1])
if held >= tonumber(ARGV[2]) then return {0, held} end
hold(KEYS[1], ARGV[1], tonumber(ARGV[3]))
return {1, held}
`);

/** KEYS: places of one partition. ARGV: ttlMs, then a connection for each. Also gives back a place that Redis lost: the socket is there. */
const renewScript = script(`${prelude}${holdFunction}
for at, key in ipairs(KEYS) do hold(key, ARGV[at + 1], tonumber(ARGV[1])) end
return 1
`);

/** Places that one script renews: enough that an edge with thousands of sockets sends few, few enough that Redis is not held up. */
const renewalsAtOnce = 100;

type Place = { entrypoint: string; user: string; connection: string };

export class RedisConnections implements Connections {
  readonly #link: Link;
  readonly #keys: Keys;

  constructor(link: Link, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
  }

  async acquire(of: Place & { limit: number; ttlMs: number }): ReturnType<Connections['acquire']> {
    const args = [of.connection, of.limit, of.ttlMs];
    const [acquired, held] = (await this.#link.script(acquireScript, [this.#key(of)], args)) as [number, number];
    return acquired === 1 ? { acquired: true } : { acquired: false, held };
  }

  async renew(of: readonly Place[], ttlMs: number): Promise<void> {
    const byPartition = Map.groupBy(of, ({ entrypoint, user }) => this.#keys.partitionOf(`${entrypoint}~${user}`));
    const batches = [...byPartition.values()].flatMap((places) => batchesOf(places));
    await Promise.all(
      batches.map((places) => {
        const connections = places.map(({ connection }) => connection);
        return this.#link.script(
          renewScript,
          places.map((place) => this.#key(place)),
          [ttlMs, ...connections],
        );
      }),
    );
  }

  async release(of: Place): Promise<void> {
    const key = this.#key(of);
    await this.#link.run((client) => client.zrem(key, of.connection), key);
  }

  #key({ entrypoint, user }: Place): string {
    return this.#keys.connections(entrypoint, user);
  }
}

function batchesOf(places: readonly Place[]): Place[][] {
  const count = Math.ceil(places.length / renewalsAtOnce);
  return Array.from({ length: count }, (_, at) => places.slice(at * renewalsAtOnce, (at + 1) * renewalsAtOnce));
}
