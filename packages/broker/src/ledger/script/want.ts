import { script } from '../../redis/script.ts';
import { prelude, readingFunction } from './prelude.ts';

/**
 * KEYS: record, interest, leases, attention. ARGV: instance, edge, ttlMs, allowanceMs, keepMs, lookInMs, origin (JSON) or ''.
 *
 * A new entry changes the token, so that a stop or cancel decided without it conflicts. It also asks the sweep to look
 * unless it is going to anyway, so that a wake-up that gets lost costs no more than that. What is wanted is not forgotten. The
 * origin is kept as it is given, beside the record, for those who join before the next commit.
 */
export const wantScript = script(`${prelude}${readingFunction}
local recordKey, interestKey, attentionKey = KEYS[1], KEYS[2], KEYS[4]
local instance, edge, ttl, keep = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[5])
local ends = redis.call('ZSCORE', interestKey, edge)
local joins = not ends or tonumber(ends) <= now - tonumber(ARGV[4])
redis.call('ZADD', interestKey, now + ttl, edge)
redis.call('ZREMRANGEBYSCORE', interestKey, '-inf', now - keep)
if redis.call('PTTL', interestKey) < ttl + keep then redis.call('PEXPIRE', interestKey, ttl + keep) end
if joins then
  local last = tonumber(redis.call('HGET', recordKey, 'token') or '0')
  redis.call('HSET', recordKey, 'token', digits(math.max(last + 1, nowUs)))
  redis.call('ZADD', attentionKey, 'NX', now + tonumber(ARGV[6]), instance)
  if ARGV[7] ~= '' and tonumber(redis.call('HGET', recordKey, 'announcedAt') or '0') <= now - ttl then
    redis.call('HSET', recordKey, 'announced', ARGV[7], 'announcedAt', digits(now))
  end
end
if redis.call('HEXISTS', recordKey, 'record') == 1 then
  redis.call('PERSIST', recordKey)
else
  redis.call('PEXPIRE', recordKey, ttl + keep)
end
return reading(recordKey, interestKey, KEYS[3], instance, tonumber(ARGV[4]))
`);

/** KEYS: interest, attention. ARGV: instance, edge. */
export const unwantScript = script(`${prelude}
if redis.call('ZREM', KEYS[1], ARGV[2]) == 1 then redis.call('ZADD', KEYS[2], now, ARGV[1]) end
return 1
`);
