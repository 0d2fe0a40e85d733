import type { Quotas, Reservation } from '@reveille/orchestration';
import type { Keys } from '../key/keys.ts';
import { prelude } from '../ledger/script/prelude.ts';
import type { Link } from '../redis/link.ts';
import { script } from '../redis/script.ts';

/** How long keys outlive their last reservation, should nobody come who cleans them up (ms). */
const keepMs = 600_000;
/** Reservations that ran out, dropped in one call. */
const dropBound = 1000;

/** KEYS: reservations (instance → until), holders (instance → generation). */
const holdFunction = `
local function hold(instance, generation, ttl)
  redis.call('ZADD', KEYS[1], now + ttl, instance)
  local known = tonumber(redis.call('HGET', KEYS[2], instance) or '0')
  redis.call('HSET', KEYS[2], instance, digits(math.max(known, tonumber(generation))))
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ttl + ${keepMs}) end
end
`;

/** ARGV: instance, generation, ttlMs, limit, allowanceMs. Returns whether it was given, and how many others are held. */
const reserveScript = script(`${prelude}${holdFunction}
local instance = ARGV[1]
for _, over in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[5]), 'LIMIT', 0, ${dropBound})) do
  redis.call('ZREM', KEYS[1], over)
  redis.call('HDEL', KEYS[2], over)
end
local held = redis.call('ZCARD', KEYS[1])
if redis.call('ZSCORE', KEYS[1], instance) then held = held - 1
elseif held >= tonumber(ARGV[4]) then return {0, held} end
hold(instance, ARGV[2], tonumber(ARGV[3]))
return {1, held}
`);

/** ARGV: instance, generation, ttlMs. */
const holdScript = script(`${prelude}${holdFunction}
hold(ARGV[1], ARGV[2], tonumber(ARGV[3]))
return 1
`);

/** ARGV: instance, generation. */
const releaseScript = script(`
local known = redis.call('HGET', KEYS[2], ARGV[1])
if known and tonumber(known) <= tonumber(ARGV[2]) then
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('HDEL', KEYS[2], ARGV[1])
end
return 1
`);

export class RedisQuotas implements Quotas {
  readonly #link: Link;
  readonly #keys: Keys;

  constructor(link: Link, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
  }

  async reserve(
    { service, instance, generation }: Reservation,
    { limit, ttlMs }: { limit: number; ttlMs: number },
  ): ReturnType<Quotas['reserve']> {
    const keys = this.#keys.reservations(service);
    const args = [instance, generation, ttlMs, limit, this.#link.parts.of(keys[0]).allowanceMs()];
    const answer = await this.#link.script(reserveScript, keys, args);
    const [reserved, held] = answer as [number, number];
    return reserved === 1 ? { reserved: true } : { reserved: false, held };
  }

  async hold({ service, instance, generation }: Reservation, ttlMs: number): Promise<void> {
    await this.#link.script(holdScript, this.#keys.reservations(service), [instance, generation, ttlMs]);
  }

  async release({ service, instance, generation }: Reservation): Promise<void> {
    await this.#link.script(releaseScript, this.#keys.reservations(service), [instance, generation]);
  }
}
