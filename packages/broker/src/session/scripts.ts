import { prelude } from '../ledger/script/prelude.ts';
import { script } from '../redis/script.ts';
import { sizes } from './bound.ts';

/** Ids that are remembered after they were accepted: a client repeats what it is unsure of, and that is the latest. */
export const rememberedIds = 256;

/** Results of the scripts that write under a hold. */
export const held = { kept: 1, other_edge: 0, unknown: -1, known: 2, full: 3 } as const;

/**
 * KEYS of all: session, messages, accepted, unanswered, which end together; then ends and sizes of all sessions of the partition. The list
 * of messages holds the frames from `first` to `seq`; it is empty when `first` is `seq + 1`. Keys that run out are taken off the total
 * later, by whoever begins or needs room: each time more of them than one can add.
 */
const shared = `${prelude}
local sessionKey, messagesKey, acceptedKey, unansweredKey, endsKey, sizesKey = unpack(KEYS)
local own = {sessionKey, messagesKey, acceptedKey, unansweredKey}
local session = string.match(sessionKey, ':session:(.+)$')
local function live(ms)
  for _, key in ipairs(own) do redis.call('PEXPIRE', key, ms) end
  redis.call('ZADD', endsKey, now + ms, session)
end
local function holds(epoch)
  local stored = redis.call('HGET', sessionKey, 'epoch')
  if not stored then return ${held.unknown} end
  if stored == epoch then return ${held.kept} end
  if tonumber(stored) > tonumber(epoch) then return ${held.other_edge} end
  -- A failover has lost that this epoch took over: whoever was taken over comes no more.
  redis.call('HSET', sessionKey, 'epoch', epoch)
  return ${held.kept}
end
local function number(field) return tonumber(redis.call('HGET', sessionKey, field) or '0') end
-- What was accepted by an edge of a version that knew no generation of each id counts as of the last one: it keeps only that.
local function generationOf(id)
  return redis.call('HGET', sessionKey, 'generation.' .. id) or redis.call('HGET', sessionKey, 'generation') or '0'
end
local function settle(id)
  redis.call('SREM', unansweredKey, id)
  redis.call('HDEL', sessionKey, 'generation.' .. id)
end
local function sizeOf(name) return tonumber(redis.call('HGET', sizesKey, name) or '0') end
local function sizeWith(bytes, ids) return ${sizes.session} + bytes + ${sizes.id} * ids end
local function charge(size)
  local change = size - sizeOf(session)
  if change == 0 then return end
  redis.call('HSET', sizesKey, session, digits(size))
  redis.call('HINCRBY', sizesKey, 'total', digits(change))
end
local function discharge(name)
  local size = sizeOf(name)
  if size > 0 then
    redis.call('HDEL', sizesKey, name)
    -- A partition without sessions leaves nothing behind.
    if redis.call('HINCRBY', sizesKey, 'total', digits(-size)) <= 0 then redis.call('DEL', sizesKey) end
  end
  redis.call('ZREM', endsKey, name)
end
local function roomIn(most)
  for _, gone in ipairs(redis.call('ZRANGEBYSCORE', endsKey, '-inf', now, 'LIMIT', 0, 32)) do discharge(gone) end
  return tonumber(most) - (sizeOf('total') - sizeOf(session))
end
`;

/** ARGV: entrypoint, user, keyDigest, edge, seq, stored, windowMs, most. Answers with the epoch, or nothing when there is no room. */
export const beginScript = script(`${shared}
local epoch = digits(math.max(number('epoch') + 1, nowUs))
redis.call('DEL', unpack(own))
discharge(session)
if sizeWith(0, 0) > roomIn(ARGV[8]) then return '' end
redis.call('HSET', sessionKey, 'entrypoint', ARGV[1], 'user', ARGV[2], 'key', ARGV[3], 'edge', ARGV[4], 'epoch', epoch,
  'seq', ARGV[5], 'first', digits(tonumber(ARGV[5]) + 1), 'stored', ARGV[6], 'bytes', '0', 'window', ARGV[7])
charge(sizeWith(0, 0))
live(ARGV[7])
return epoch
`);

/** ARGV: entrypoint, user, keyDigest, edge, lastSeq, windowMs. */
export const takeOverScript = script(`${shared}
if redis.call('EXISTS', sessionKey) == 0 then return {'unknown'} end
local known = redis.call('HMGET', sessionKey, 'entrypoint', 'user', 'key')
if known[1] ~= ARGV[1] or known[2] ~= ARGV[2] or known[3] ~= ARGV[3] then return {'forbidden'} end
local lastSeq, seq, first = tonumber(ARGV[5]), number('seq'), number('first')
if lastSeq > seq or lastSeq + 1 < first then return {'incomplete'} end
local former = number('epoch')
local epoch = math.max(former + 1, nowUs)
redis.call('HSET', sessionKey, 'edge', ARGV[4], 'epoch', digits(epoch), 'window', ARGV[6])
live(ARGV[6])
local unanswered, generations = redis.call('SMEMBERS', unansweredKey), {}
for at, id in ipairs(unanswered) do generations[at] = generationOf(id) end
return {
  'taken', digits(epoch), digits(former), digits(seq), redis.call('HGET', sessionKey, 'stored'),
  redis.call('LRANGE', messagesKey, lastSeq + 1 - first, -1),
  redis.call('LRANGE', acceptedKey, 0, -1),
  unanswered,
  generations,
  redis.call('HGET', sessionKey, 'generation') or '',
}
`);

/**
 * ARGV: epoch, windowMs, messages, bytes, most; then for each write either 'keep', seq, stored, frame, answered or '', or 'accept', id,
 * generation. Answers with one result for each write, or with the one that holds for all of them.
 */
export const writeScript = script(`${shared}
local holding = holds(ARGV[1])
if holding ~= ${held.kept} then return holding end
local messages, most = tonumber(ARGV[3]), tonumber(ARGV[4])
local seq, first, bytes, count = number('seq'), number('first'), number('bytes'), redis.call('LLEN', messagesKey)
local ids, room = redis.call('LLEN', acceptedKey), tonumber(ARGV[5]) - (sizeOf('total') - sizeOf(session))
local changed, results, at = {}, {}, 6

local function isFull()
  if sizeWith(bytes, ids) <= room then return false end
  room = roomIn(ARGV[5])
  return sizeWith(bytes, ids) > room
end

local function keep(next, stored, frame, answered)
  if next <= seq then return ${held.kept} end
  if next ~= seq + 1 then
    redis.call('DEL', messagesKey)
    first, bytes, count = next, 0, 0
  end
  redis.call('RPUSH', messagesKey, frame)
  seq, bytes, count = next, bytes + #frame, count + 1
  local result = ${held.kept}
  while count > 0 do
    local full = isFull()
    if count <= messages and bytes <= most and not full then break end
    if full then result = ${held.full} end
    bytes, first, count = bytes - #redis.call('LPOP', messagesKey), first + 1, count - 1
  end
  if answered ~= '' then settle(answered) end
  changed = {'seq', digits(seq), 'first', digits(first), 'bytes', digits(bytes), 'stored', stored}
  return result
end

local function accept(id, generation)
  if redis.call('LPOS', acceptedKey, id) then return ${held.known} end
  redis.call('SADD', unansweredKey, id)
  redis.call('HSET', sessionKey, 'generation', generation, 'generation.' .. id, generation)
  ids = redis.call('RPUSH', acceptedKey, id)
  if ids > ${rememberedIds} then
    settle(redis.call('LPOP', acceptedKey))
    ids = ids - 1
  end
  return ${held.kept}
end

while at <= #ARGV do
  if ARGV[at] == 'keep' then
    results[#results + 1] = keep(tonumber(ARGV[at + 1]), ARGV[at + 2], ARGV[at + 3], ARGV[at + 4])
    at = at + 5
  else
    results[#results + 1], at = accept(ARGV[at + 1], ARGV[at + 2]), at + 3
  end
end
if #changed > 0 then redis.call('HSET', sessionKey, unpack(changed)) end
charge(sizeWith(bytes, ids))
live(ARGV[2])
return results
`);

/** ARGV: epoch, seq. */
export const receivedScript = script(`${shared}
if holds(ARGV[1]) ~= ${held.kept} then return 0 end
local first, bytes, upTo = number('first'), number('bytes'), math.min(tonumber(ARGV[2]), number('seq'))
while first <= upTo do
  bytes = bytes - #redis.call('LPOP', messagesKey)
  first = first + 1
end
redis.call('HSET', sessionKey, 'first', digits(first), 'bytes', digits(bytes))
charge(sizeWith(bytes, redis.call('LLEN', acceptedKey)))
return 1
`);

/** ARGV: epoch, windowMs. */
export const renewSessionScript = script(`${shared}
local holding = holds(ARGV[1])
if holding == ${held.kept} then live(ARGV[2]) end
return holding
`);

/** ARGV: epoch. */
export const endSessionScript = script(`${shared}
if holds(ARGV[1]) == ${held.kept} then
  redis.call('DEL', unpack(own))
  discharge(session)
end
return 1
`);
