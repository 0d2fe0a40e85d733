import { script } from '../../redis/script.ts';

/** KEYS: instances. ARGV: cursor, count, prefix of the partition. Drops members whose record was forgotten. */
export const listScript = script(`
local page = redis.call('SSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local found = {}
for _, instance in ipairs(page[2]) do
  if redis.call('HEXISTS', ARGV[3] .. ':record:' .. instance, 'record') == 1 then
    found[#found + 1] = instance
  else
    redis.call('SREM', KEYS[1], instance)
  end
end
return {page[1], found}
`);
