import { script } from '../../redis/script.ts';
import { prelude } from './prelude.ts';

/**
 * KEYS: attention, leases. ARGV: limit, allowanceMs, prefix of the partition, againInMs, scanLimit, jumpMs.
 *
 * Whoever gets an instance has it alone for againInMs: its attention is pushed so far. An instance whose lease ran out
 * joins the attention in the same way, unless it has its turn within againInMs anyway. What has neither record nor interest is dropped.
 *
 * Where the clock of Redis went back by more than jumpMs since the last call (a restored machine, a failover to a host that is behind), everything that
 * is timed here goes back with it: else a dead holder's lease would count for as long as the jump was. Answers with the length of the jump
 * (ms), 0 mostly, and the instances.
 */
export const dueScript = script(`${prelude}
local attentionKey, leasesKey, prefix = KEYS[1], KEYS[2], ARGV[3]
local limit, again = tonumber(ARGV[1]), tonumber(ARGV[4])
local found = {}

local function back()
  -- A user of an older access list may not have this key, and goes on without.
  local mark = redis.pcall('GET', prefix .. ':clock')
  if type(mark) == 'table' then return 0 end
  redis.call('SET', prefix .. ':clock', digits(now))
  local jump = (tonumber(mark or '0') or 0) - now
  if jump <= tonumber(ARGV[6]) then return 0 end
  for _, key in ipairs(KEYS) do
    local scored = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
    for at = 1, #scored, 2 do redis.call('ZADD', key, digits(tonumber(scored[at + 1]) - jump), scored[at]) end
  end
  return jump
end
local jumped = back()

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
return {digits(jumped), found}
`);
