/**
 * Lua shared by the scripts of the ledger. Numbers above 2^31 are formatted by hand: Lua would write 1.8e+15. `TIME` is
 * the one clock of leases, interest and tokens.
 */
export const prelude = `
local time = redis.call('TIME')
local nowUs = time[1] * 1000000 + time[2]
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function digits(number) return string.format('%.0f', number) end
`;

/**
 * Everything that a decision needs of one instance. Keys: record, interest, leases. Interest that ran out longer than
 * allowanceMs ago is left out.
 */
export const readingFunction = `
local function reading(recordKey, interestKey, leasesKey, instance, allowance)
  local stored = redis.call('HMGET', recordKey, 'token', 'record', 'leaseOwner', 'announced', 'announcedAt')
  return {
    stored[1] or '0',
    stored[2] or '',
    stored[3] or '',
    redis.call('ZSCORE', leasesKey, instance) or '',
    redis.call('ZRANGEBYSCORE', interestKey, '(' .. digits(now - allowance), '+inf', 'WITHSCORES'),
    digits(now),
    digits(nowUs),
    stored[4] or '',
    stored[5] or '',
  }
end
`;
