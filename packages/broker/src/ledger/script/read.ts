import { script } from '../../redis/script.ts';
import { prelude, readingFunction } from './prelude.ts';

/** KEYS: record, interest, leases. ARGV: instance, allowanceMs. */
export const readScript = script(`${prelude}${readingFunction}
return reading(KEYS[1], KEYS[2], KEYS[3], ARGV[1], tonumber(ARGV[2]))
`);
