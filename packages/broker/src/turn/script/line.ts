import { prelude } from '../../ledger/script/prelude.ts';

/** What stands in line. Needs the locals `root` and `queued`. */
export const entryFunctions = `
local function laneKey(lane) return root .. ':line:' .. lane end

local function entryOf(instance)
  local text = redis.call('HGET', queued, instance)
  if not text then return nil end
  local since, lane, start, urgency, job = string.match(text, '^(%d+) (%S+) (%S+) (%d) (.*)$')
  return { member = since .. '.' .. instance, since = since, lane = lane, start = start, urgency = urgency, job = job }
end
`;

/**
 * Lua shared by the scripts of the line. KEYS: line, queued, slots, holders, underWay, turns. ARGV: root, perTenant (0: no limit).
 *
 * `queued`: instance → "since lane start urgency job". `line:LANE` holds what is queued of a lane, `line` what of it may be let in:
 * the first of each lane, as many as its limit leaves room for. The score is urgency × step + turn, the member begins with the age.
 * `holders`: instance → "owner lane start" of a slot; `underWay` counts the slots of each lane. What the order means is said in
 * `admission` of orchestration, and a property test holds both together.
 */
export const lineFunctions = `${prelude}
local line, queued, slots, holders, underWay, turns = unpack(KEYS)
local root, perTenant, step = ARGV[1], tonumber(ARGV[2]), 1000000000000000
local function servedKey(urgency) return root .. ':served:' .. urgency end
${entryFunctions}
local function room(lane)
  return math.max(0, perTenant - tonumber(redis.call('HGET', underWay, lane) or '0'))
end

-- Keeps in line what of a lane may be let in. One change moves the border by one.
local function settle(lane)
  local places = perTenant == 0 and 10 or room(lane)
  if places > 0 then
    local first = redis.call('ZRANGE', laneKey(lane), 0, places - 1, 'WITHSCORES')
    for at = 1, #first, 2 do redis.call('ZADD', line, first[at + 1], first[at]) end
  end
  if perTenant == 0 then return end
  for _, member in ipairs(redis.call('ZRANGE', laneKey(lane), places, places + 1)) do redis.call('ZREM', line, member) end
end

local function leave(instance, entry)
  redis.call('ZREM', line, entry.member)
  redis.call('ZREM', laneKey(entry.lane), entry.member)
  redis.call('HDEL', queued, instance)
end

local function free(instance)
  redis.call('ZREM', slots, instance)
  local holder = redis.call('HGET', holders, instance)
  if not holder then return end
  redis.call('HDEL', holders, instance)
  local lane = string.match(holder, '^%S+ (%S+)')
  if redis.call('HINCRBY', underWay, lane, -1) <= 0 then redis.call('HDEL', underWay, lane) end
  settle(lane)
end

local function holds(instance, owner, start)
  local holder = redis.call('HGET', holders, instance)
  if not holder then return false end
  local heldBy, _, heldFor = string.match(holder, '^(%S+) (%S+) (%S+)$')
  return heldFor == start and (owner == nil or heldBy == owner)
end

local function enter(instance, start, lane, urgency, job)
  if holds(instance, nil, start) then return end
  free(instance)
  local known = entryOf(instance)
  local since = digits(nowUs)
  if known and known.lane == lane and known.urgency == urgency then
    since = known.since
  else
    if known then
      leave(instance, known)
      settle(known.lane)
    end
    local base, turn = tonumber(urgency) * step, tonumber(redis.call('HGET', turns, urgency) or '0')
    local last = redis.call('ZREVRANGEBYSCORE', laneKey(lane), '(' .. digits(base + step), digits(base), 'WITHSCORES', 'LIMIT', 0, 1)[2]
    if last then turn = math.max(turn, tonumber(last) - base + 1)
    elseif redis.call('SISMEMBER', servedKey(urgency), lane) == 1 then turn = turn + 1 end
    local score, member = digits(base + turn), since .. '.' .. instance
    redis.call('ZADD', laneKey(lane), score, member)
    if perTenant == 0 then redis.call('ZADD', line, score, member) end
  end
  redis.call('HSET', queued, instance, table.concat({ since, lane, start, urgency, job }, ' '))
  settle(lane)
end
`;
