import { script } from '../../redis/script.ts';
import { entryFunctions } from './line.ts';

/**
 * KEYS: line, queued, and no others, since edges ask. ARGV: root, then instances. Returns a number for each, 0 for one that does not stand in line. One that its lane's limit
 * keeps from the line has all of its lane before it, of which those in line are counted there already.
 */
export const positionsScript = script(`
local line, queued, root = KEYS[1], KEYS[2], ARGV[1]
${entryFunctions}
local function positionOf(instance)
  local entry = entryOf(instance)
  if not entry then return 0 end
  local rank = redis.call('ZRANK', line, entry.member)
  if rank then return rank + 1 end
  local key = laneKey(entry.lane)
  local ahead, score = redis.call('ZRANK', key, entry.member), redis.call('ZSCORE', key, entry.member)
  if not ahead then return 0 end
  local inLine = 0
  while inLine < ahead do
    local member = redis.call('ZRANGE', key, inLine, inLine)[1]
    if not redis.call('ZSCORE', line, member) then break end
    inLine = inLine + 1
  end
  local before = redis.call('ZCOUNT', line, '-inf', '(' .. score)
  -- Of the same turn the older one is first.
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', line, score, score, 'LIMIT', 0, 1000)) do
    if member < entry.member then before = before + 1 end
  end
  return before + ahead - inLine + 1
end

local found = {}
for at = 2, #ARGV do found[#found + 1] = positionOf(ARGV[at]) end
return found
`);
