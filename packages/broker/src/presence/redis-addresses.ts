import type { AddressCount, Addresses, EdgeId } from '@reveille/orchestration';
import type { Keys } from '../key/keys.ts';
import { prelude } from '../ledger/script/prelude.ts';
import type { Link } from '../redis/link.ts';
import { script } from '../redis/script.ts';

/** KEYS: address. ARGV: edge, own, ttlMs, limit. Returns how many of its own are counted now, and how many others have. */
const countScript = script(`${prelude}
local edge, own, ttl, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local others, stored = 0, redis.call('HGETALL', KEYS[1])
for at = 1, #stored, 2 do
  local count, ends = string.match(stored[at + 1], '^(%d+) (%d+)$')
  if stored[at] ~= edge then
    if tonumber(ends) > now then others = others + tonumber(count) else redis.call('HDEL', KEYS[1], stored[at]) end
  end
end
local granted = math.max(0, math.min(own, limit - others))
if granted == 0 then
  redis.call('HDEL', KEYS[1], edge)
else
  redis.call('HSET', KEYS[1], edge, digits(granted) .. ' ' .. digits(now + ttl))
  if redis.call('PTTL', KEYS[1]) < ttl then redis.call('PEXPIRE', KEYS[1], ttl) end
end
return {granted, others}
`);

export class RedisAddresses implements Addresses {
  readonly #link: Link;
  readonly #keys: Keys;

  constructor(link: Link, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
  }

  async claim(
    { address, own }: AddressCount,
    { edge, limit, ttlMs }: { edge: EdgeId; limit: number; ttlMs: number },
  ): Promise<{ granted: number; others: number }> {
    const args = [edge, own, ttlMs, limit];
    const answer = await this.#link.script(countScript, [this.#keys.address(address)], args);
    const [granted, others] = answer as [number, number];
    return { granted, others };
  }

  renew(counts: readonly AddressCount[], of: { edge: EdgeId; ttlMs: number }): Promise<number[]> {
    const limit = Number.MAX_SAFE_INTEGER;
    return Promise.all(counts.map(async (count) => (await this.claim(count, { ...of, limit })).others));
  }
}
