import { script } from '../../redis/script.ts';
import { lineFunctions } from './line.ts';

/** ARGV after those of the line: instance, start, lane, urgency (0–2), job. */
export const enterScript = script(`${lineFunctions}
enter(unpack(ARGV, 3, 7))
return 1
`);

/** ARGV after those of the line: instance, generation. */
export const withdrawScript = script(`${lineFunctions}
local entry = entryOf(ARGV[3])
if entry and tonumber(string.match(entry.start, '^%d+')) <= tonumber(ARGV[4]) then
  leave(ARGV[3], entry)
  settle(entry.lane)
end
return 1
`);
