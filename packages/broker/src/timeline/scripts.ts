import { script } from '../redis/script.ts';
import { runFieldsLimit } from './bounds.ts';

/**
 * KEYS: a sorted set. ARGV: score, member, head, limit, keptMs. Keeps the `head` lowest and the highest, `limit` in all. The same
 * member twice is there once: entries may come again.
 */
export const keepScript = script(`
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[1], ARGV[3], ARGV[3] - ARGV[4] - 1)
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
`);

/**
 * KEYS: the hash of an initialization. ARGV: keptMs, waits that are listed, whether this wait begins, its field and value ('' without
 * one), then triples: "first", "set" or "add", field, value. A wait that finds no room is counted where it begins. Returns how many of the
 * "first" are the first, also when they come again.
 */
export const noteScript = script(`
local key = KEYS[1]
local new = 0
if ARGV[4] ~= '' then
  if redis.call('HEXISTS', key, ARGV[4]) == 1 then
    if ARGV[3] == '0' then redis.call('HSET', key, ARGV[4], ARGV[5]) end
  elseif tonumber(redis.call('HGET', key, 'waits') or '0') < tonumber(ARGV[2]) then
    redis.call('HSET', key, ARGV[4], ARGV[5])
    redis.call('HINCRBY', key, 'waits', 1)
  elseif ARGV[3] == '1' then
    redis.call('HINCRBY', key, 'unlisted', 1)
  end
end
local function put(field, value)
  if not redis.call('HGET', key, field) and redis.call('HINCRBY', key, 'fields', 1) > ${runFieldsLimit} then
    return false
  end
  redis.call('HSET', key, field, value)
  return true
end
for at = 6, #ARGV, 3 do
  if ARGV[at] == 'add' then
    redis.call('HINCRBY', key, ARGV[at + 1], ARGV[at + 2])
  elseif ARGV[at] == 'set' then
    put(ARGV[at + 1], ARGV[at + 2])
  else
    local known = redis.call('HGET', key, ARGV[at + 1])
    if known == ARGV[at + 2] or (not known and put(ARGV[at + 1], ARGV[at + 2])) then new = new + 1 end
  end
end
redis.call('PEXPIRE', key, ARGV[1])
return new
`);
