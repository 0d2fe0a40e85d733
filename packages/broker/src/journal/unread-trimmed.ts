import type { RedisClient } from '../redis/open.ts';
import { runScript, script } from '../redis/script.ts';
import { groupName, journalLength } from './group.ts';

/**
 * KEYS: journal. ARGV: group, journalLength.
 *
 * What was trimmed before the group read it: nothing → {}; else {count}, or {-1} where Redis does not say. The group is then put
 * right before the oldest entry, which changes nothing of what it reads next, so that one relay alone finds it and once.
 * `XINFO` tells nothing of trimmed entries but what the counters of Redis 7 give: entries ever added, less those there, less those
 * read. Redis 6.2 has none: a group that never read is then only behind if the journal is as long as it may be.
 */
const unreadTrimmedScript = script(`
local function field(row, name)
  for at = 1, #row, 2 do if row[at] == name then return row[at + 1] end end
  return false
end
local function parts(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local function rightBefore(id)
  local ms, seq = parts(id)
  if seq > 0 then return string.format('%.0f-%.0f', ms, seq - 1) end
  return string.format('%.0f-18446744073709551615', ms - 1)
end
local function isLess(one, other)
  local ms, seq = parts(one)
  local otherMs, otherSeq = parts(other)
  return ms < otherMs or (ms == otherMs and seq < otherSeq)
end

local groups = redis.pcall('XINFO', 'GROUPS', KEYS[1])
if groups.err then return {} end
local group = false
for _, row in ipairs(groups) do if field(row, 'name') == ARGV[1] then group = row end end
if not group then return {} end

local stream = redis.call('XINFO', 'STREAM', KEYS[1])
local length, added, oldest = field(stream, 'length'), field(stream, 'entries-added'), field(stream, 'first-entry')
local last, read = field(group, 'last-delivered-id'), field(group, 'entries-read')
local position = oldest and rightBefore(oldest[1]) or field(stream, 'last-generated-id')
if not isLess(last, position) then return {} end

local hasRead = last ~= '0-0'
if not hasRead then read = 0 end
local count = -1
if added and read then
  count = added - length - read
  if count <= 0 then return {} end
elseif not hasRead and length > 0 and length < tonumber(ARGV[2]) then
  return {}
end
if added then
  redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], position, 'ENTRIESREAD', string.format('%.0f', added - length))
else
  redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], position)
end
return {count}
`);

/** How many entries of a journal were trimmed before any relay read them. Found once: a second look finds what was trimmed since. */
export async function unreadTrimmed(
  client: RedisClient,
  journal: string,
): Promise<{ entries: number | undefined } | undefined> {
  const [count] = (await runScript(client, unreadTrimmedScript, [journal], [groupName, journalLength])) as number[];
  if (count === undefined) return undefined;
  return { entries: count === -1 ? undefined : count };
}
