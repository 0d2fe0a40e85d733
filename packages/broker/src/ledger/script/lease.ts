import { script } from '../../redis/script.ts';
import { prelude } from './prelude.ts';

/**
 * KEYS: record, leases. ARGV: instance, owner, epoch, ttlMs. Prolongs also a lease that ran out but that nobody took: that changes the
 * token, so that whoever has seen it run out decides again.
 */
export const renewScript = script(`${prelude}
local stored = redis.call('HMGET', KEYS[1], 'epoch', 'leaseOwner', 'token')
if stored[1] ~= ARGV[3] or stored[2] ~= ARGV[2] then return 0 end
local ends = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not ends or tonumber(ends) <= now then
  redis.call('HSET', KEYS[1], 'token', digits(math.max(tonumber(stored[3]) + 1, nowUs)))
end
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[4]), ARGV[1])
return 1
`);

/** KEYS: record, leases. ARGV: instance, owner, epoch, ttlMs, allowanceMs. */
export const takeWatchScript = script(`${prelude}
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[3] then return 0 end
local ends = redis.call('ZSCORE', KEYS[2], ARGV[1])
if ends and tonumber(ends) > now - tonumber(ARGV[5]) then return 0 end
redis.call('HSET', KEYS[1], 'leaseOwner', ARGV[2])
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[4]), ARGV[1])
return 1
`);
