/**
 * `npm run test:simulation [seeds]`: 10⁵ clusters unless told otherwise, over all cores, the failing seeds printed with the command
 * that replays each and tells its story: `npm run test:simulation -- --seed n`.
 */
import { parseArgs } from 'node:util';
import { simulateAll } from './simulators.ts';
import { Tally } from './tally.ts';

const { count, seed } = asked();
const seeds = seed === undefined ? Array.from({ length: Number(count) }, (_, index) => 1 + index) : [Number(seed)];
const began = performance.now();
const tally = new Tally();
await simulateAll(seeds, (result) => {
  if (seed !== undefined) console.log(result.story);
  return tally.add(result);
});
for (const failed of tally.failed) console.log(failed);
for (const what of tally.missing) console.log(`never happened: ${what}`);
console.log(JSON.stringify(tally.seen));
const seconds = Math.round((performance.now() - began) / 1000);
console.log(`${tally.clusters} clusters in ${seconds} s, ${tally.failed.length} of them failed`);
if (tally.failed.length + tally.missing.length > 0) process.exitCode = 1;

/** Ends the process with one line of usage when the arguments are none that it knows. */
function asked(): { count: string; seed: string | undefined } {
  try {
    const { values, positionals } = parseArgs({ options: { seed: { type: 'string' } }, allowPositionals: true });
    const [count = '100000', ...more] = positionals;
    const odd = [count, values.seed ?? '1'].find((number) => !/^[1-9]\d{0,8}$/.test(number)) ?? more[0];
    if (odd === undefined) return { count, seed: values.seed };
    return misused(odd);
  } catch (error) {
    // An option that there is not, or one without its value: both are named in the first sentence.
    return misused((error as Error).message.split('. ')[0] ?? '');
  }
}

function misused(found: string): never {
  console.error(`usage: npm run test:simulation [how many seeds | -- --seed n], found: ${JSON.stringify(found)}`);
  process.exit(2);
}
