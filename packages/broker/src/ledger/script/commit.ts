import { script } from '../../redis/script.ts';
import { prelude } from './prelude.ts';

/**
 * KEYS: record, interest, leases, attention, journal, instances.
 * ARGV: instance, expected, token, record, epoch, owner, change, lease ('keep', 'release', 'take'), leaseOwner, leaseTtlMs,
 * attendInMs or '', forgetInMs or '', journalLength, stampMs, keepForeign ('1', '0').
 *
 * Compares the token, writes, appends; nothing else. The edges stamped on the entry include those that ran out at most
 * stampMs ago, because one that is late by a moment still has users waiting.
 */
export const commitScript = script(`${prelude}
local recordKey, interestKey, leasesKey, attentionKey, journalKey, instancesKey = unpack(KEYS)
local instance = ARGV[1]
if (redis.call('HGET', recordKey, 'token') or '0') ~= ARGV[2] then return {0, digits(now)} end

if ARGV[15] == '1' then redis.call('HSET', recordKey, 'foreign', redis.call('HGET', recordKey, 'record') or '') end
local fields, gone = {'token', ARGV[3], 'record', ARGV[4], 'epoch', ARGV[5]}, {'announced', 'announcedAt'}
local function set(field, value)
  if value == '' then gone[#gone + 1] = field else fields[#fields + 1], fields[#fields + 2] = field, value end
end
set('owner', ARGV[6])
if ARGV[8] ~= 'keep' then set('leaseOwner', ARGV[9]) end
redis.call('HSET', recordKey, unpack(fields))
redis.call('HDEL', recordKey, unpack(gone))
if ARGV[12] == '' then redis.call('PERSIST', recordKey) else redis.call('PEXPIRE', recordKey, ARGV[12]) end
redis.call('SADD', instancesKey, instance)

if ARGV[8] == 'take' then
  redis.call('ZADD', leasesKey, now + tonumber(ARGV[10]), instance)
elseif ARGV[8] == 'release' then
  redis.call('ZREM', leasesKey, instance)
end

if ARGV[11] == '' then
  redis.call('ZREM', attentionKey, instance)
else
  redis.call('ZADD', attentionKey, now + tonumber(ARGV[11]), instance)
end

local edges = redis.call('ZRANGEBYSCORE', interestKey, now - tonumber(ARGV[14]), '+inf')
local entry = '{"version":1,"change":"' .. ARGV[7] .. '","at":' .. digits(now) .. ',"record":' .. ARGV[4] .. '}'
redis.call('XADD', journalKey, 'MAXLEN', '~', ARGV[13], '*', 'entry', entry, 'edges', table.concat(edges, ','))
return {1, digits(now)}
`);
