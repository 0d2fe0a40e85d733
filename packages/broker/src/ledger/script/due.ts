import { script } from '../../redis/script.ts';
import { prelude } from './prelude.ts';

/**
 * KEYS: attention, leases. ARGV: limit, allowanceMs, prefix of the partition, againInMs, scanLimit.
 *
 * Whoever gets an instance has it alone for againInMs: its attention is pushed so far. An instance whose lease ran out
 * joins the attention in the same way, unless it has its turn within againInMs anyway. What has neither record nor interest is dropped.
 */
export const dueScript = script(`${prelude}
local attentionKey, leasesKey, prefix = KEYS[1], KEYS[2], ARGV[3]
local limit, again = tonumber(ARGV[1]), tonumber(ARGV[4])
local found = {}
local function take(instance)
  if redis.call('EXISTS', prefix .. ':record:' .. instance, prefix .. ':interest:' .. instance) == 0 then
    redis.call('ZREM', attentionKey, instance)
    redis.call('ZREM', leasesKey, instance)
    return
  end
  redis.call('ZADD', attentionKey, now + again, instance)
  found[#found + 1] = instance
end

for _, instance in ipairs(redis.call('ZRANGEBYSCORE', attentionKey, '-inf', now, 'LIMIT', 0, limit)) do take(instance) end

local floor = now - tonumber(ARGV[2])
for _, instance in ipairs(redis.call('ZRANGEBYSCORE', leasesKey, '-inf', floor, 'LIMIT', 0, ARGV[5])) do
  if #found >= limit then break end
  local turn = redis.call('ZSCORE', attentionKey, instance)
  if not turn or tonumber(turn) > now + again then take(instance) end
end
return found
`);
