import { prelude } from '../ledger/script/prelude.ts';
import { script } from '../redis/script.ts';

/** Ids that are remembered after they were accepted: a client repeats what it is unsure of, and that is the latest. */
export const rememberedIds = 256;

/** Results of the scripts that write under a hold. */
export const held = { kept: 1, other_edge: 0, unknown: -1, known: 2 } as const;

/**
 * KEYS of all: session, messages, accepted, unanswered; every script sees to it that they end together. The list of messages holds the
 * frames from `first` to `seq`; it is empty when `first` is `seq + 1`.
 */
const shared = `${prelude}
local sessionKey, messagesKey, acceptedKey, unansweredKey = unpack(KEYS)
local function live(ms)
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ms) end
end
local function holds(epoch)
  local stored = redis.call('HGET', sessionKey, 'epoch')
  if not stored then return ${held.unknown} end
  if stored ~= epoch then return ${held.other_edge} end
  return ${held.kept}
end
local function number(field) return tonumber(redis.call('HGET', sessionKey, field) or '0') end
`;

/** ARGV: entrypoint, user, keyDigest, edge, seq, stored, windowMs. */
export const beginScript = script(`${shared}
local epoch = digits(math.max(number('epoch') + 1, nowUs))
redis.call('DEL', unpack(KEYS))
redis.call('HSET', sessionKey, 'entrypoint', ARGV[1], 'user', ARGV[2], 'key', ARGV[3], 'edge', ARGV[4], 'epoch', epoch,
  'seq', ARGV[5], 'first', digits(tonumber(ARGV[5]) + 1), 'stored', ARGV[6], 'bytes', '0', 'window', ARGV[7])
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
return {
  'taken', digits(epoch), digits(former), digits(seq), redis.call('HGET', sessionKey, 'stored'),
  redis.call('LRANGE', messagesKey, lastSeq + 1 - first, -1),
  redis.call('LRANGE', acceptedKey, 0, -1),
  redis.call('SMEMBERS', unansweredKey),
  redis.call('HGET', sessionKey, 'generation') or '',
}
`);

/** ARGV: epoch, seq, stored, frame, answered or '', windowMs, messages, bytes. */
export const keepScript = script(`${shared}
local holding = holds(ARGV[1])
if holding ~= ${held.kept} then return holding end
local seq, first, bytes = tonumber(ARGV[2]), number('first'), number('bytes')
if seq <= number('seq') then return holding end
if seq ~= number('seq') + 1 then
  redis.call('DEL', messagesKey)
  first, bytes = seq, 0
end
redis.call('RPUSH', messagesKey, ARGV[4])
bytes = bytes + #ARGV[4]
while redis.call('LLEN', messagesKey) > tonumber(ARGV[7]) or bytes > tonumber(ARGV[8]) do
  bytes = bytes - #redis.call('LPOP', messagesKey)
  first = first + 1
end
if ARGV[5] ~= '' then redis.call('SREM', unansweredKey, ARGV[5]) end
redis.call('HSET', sessionKey, 'seq', ARGV[2], 'first', digits(first), 'bytes', digits(bytes), 'stored', ARGV[3])
live(ARGV[6])
return holding
`);

/** ARGV: epoch, id, generation. */
export const acceptScript = script(`${shared}
local holding = holds(ARGV[1])
if holding ~= ${held.kept} then return holding end
if redis.call('LPOS', acceptedKey, ARGV[2]) then return ${held.known} end
redis.call('RPUSH', acceptedKey, ARGV[2])
redis.call('SADD', unansweredKey, ARGV[2])
redis.call('HSET', sessionKey, 'generation', ARGV[3])
if redis.call('LLEN', acceptedKey) > ${rememberedIds} then redis.call('SREM', unansweredKey, redis.call('LPOP', acceptedKey)) end
live(redis.call('HGET', sessionKey, 'window'))
return holding
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
if holds(ARGV[1]) == ${held.kept} then redis.call('DEL', unpack(KEYS)) end
return 1
`);
