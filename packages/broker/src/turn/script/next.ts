import { script } from '../../redis/script.ts';
import { lineFunctions } from './line.ts';

/**
 * ARGV after those of the line: pool (0: no limit), owner, ttlMs, allowanceMs, instance and start that are done (or ''), then none or
 * instance, start, lane, urgency and job of an offer. Returns the job that is let in, or ''.
 *
 * At most a hundred slots that ran out are freed, and as many entries passed over, in one call; the next call goes on.
 */
export const nextScript = script(`${lineFunctions}
local pool, owner, ttl, allowance = tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
if ARGV[7] ~= '' and holds(ARGV[7], owner, ARGV[8]) then free(ARGV[7]) end
for _, instance in ipairs(redis.call('ZRANGEBYSCORE', slots, '-inf', now - allowance, 'LIMIT', 0, 100)) do free(instance) end
if ARGV[9] then enter(unpack(ARGV, 9, 13)) end
if pool > 0 and redis.call('ZCARD', slots) >= pool then return '' end

for _ = 1, 100 do
  local head = redis.call('ZRANGE', line, 0, 0, 'WITHSCORES')
  if not head[1] then return '' end
  local instance = string.match(head[1], '^%d+%.(.*)$')
  local entry = entryOf(instance)
  if not entry or entry.member ~= head[1] or (perTenant > 0 and room(entry.lane) == 0) then
    redis.call('ZREM', line, head[1])
  else
    local urgency, turn = entry.urgency, tonumber(head[2]) - tonumber(entry.urgency) * step
    local served = tonumber(redis.call('HGET', turns, urgency) or '0')
    if turn > served then
      redis.call('HSET', turns, urgency, digits(turn))
      redis.call('DEL', servedKey(urgency))
    end
    if turn >= served then redis.call('SADD', servedKey(urgency), entry.lane) end
    leave(instance, entry)
    redis.call('ZADD', slots, now + ttl, instance)
    redis.call('HSET', holders, instance, table.concat({ owner, entry.lane, entry.start }, ' '))
    redis.call('HINCRBY', underWay, entry.lane, 1)
    settle(entry.lane)
    return entry.job
  end
end
return ''
`);

/** ARGV after those of the line: owner, instance, start. */
export const releaseScript = script(`${lineFunctions}
if holds(ARGV[4], ARGV[3], ARGV[5]) then free(ARGV[4]) end
return 1
`);

/** ARGV after those of the line: owner, ttlMs, then instance and start of each. */
export const renewScript = script(`${lineFunctions}
for at = 5, #ARGV, 2 do
  if holds(ARGV[at], ARGV[3], ARGV[at + 1]) then redis.call('ZADD', slots, now + tonumber(ARGV[4]), ARGV[at]) end
end
return 1
`);
