/**
 * `npm run test:simulation [seeds]`: 10⁵ clusters unless told otherwise, over all cores, the failing seeds printed with the command
 * that replays each: `npm run test:simulation -- --seed n`. (Vitest, because the simulation runs on its clock.)
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '../../..');
const { count, seed } = asked();
const shards = seed === undefined ? Math.min(availableParallelism(), Number(count)) : 1;
const each = Math.ceil(Number(count) / shards);
const statuses = await Promise.all(
  Array.from({ length: shards }, (_, shard) => {
    const seeds = Math.min(each, Number(count) - shard * each);
    const range = { REVEILLE_SEEDS: String(seeds), REVEILLE_FIRST_SEED: String(1 + shard * each) };
    return simulated(seed === undefined ? range : { REVEILLE_SEED: seed });
  }),
);
process.exitCode = statuses.every((status) => status === 0) ? 0 : 1;

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

async function simulated(env: Record<string, string>): Promise<number | null> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const file = 'e2e/test/simulation/simulation.test.ts';
  const child = spawn(process.execPath, [vitest, 'run', '--project', 'e2e', file], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  return status;
}
