import { beforeAll, describe, expect, test } from 'vitest';
import kept from './seeds.json' with { type: 'json' };
import { simulateAll } from './simulators.ts';
import { Tally } from './tally.ts';

/**
 * Whole clusters under a seed: initializers, relays and edges as they are, with clients as they are and services that speak as services do;
 * twins of the broker, of the executor and of the network; and faults of all of these. `REVEILLE_SEEDS` says how many, `REVEILLE_FIRST_SEED`
 * from which on, and `REVEILLE_SEED` replays one. `npm run test:simulation` does all of that without Vitest.
 */
const replayed = process.env['REVEILLE_SEED'];
const count = Number(process.env['REVEILLE_SEEDS'] ?? 1000);
const first = Number(process.env['REVEILLE_FIRST_SEED'] ?? 1);
const seeds = replayed === undefined ? Array.from({ length: count }, (_, index) => first + index) : [Number(replayed)];
/** One cluster takes a sixth of a second of one core; what comes on top is a busy machine. Milliseconds. */
const boundMs = Math.max(600_000, seeds.length * 2_000);

test(`${seeds.length} clusters keep their invariants, whatever happens to them`, { timeout: boundMs }, async () => {
  const tally = new Tally();
  await simulateAll(seeds, (result) => {
    if (replayed !== undefined && result.faults.length > 0) process.stdout.write(`${result.story}\n`);
    return tally.add(result);
  });
  expect(tally.failed.join('\n')).toBe('');
  // Every fault really happened, and so did what it must not keep from happening.
  expect(tally.missing).toEqual([]);
});

/** Seeds that once found a fault are replayed by name in each run, whatever range of seeds that has. One that a fault is mended for goes there. */
describe('seeds that once found something', () => {
  const faults = new Map<number, readonly string[]>();

  beforeAll(async () => {
    await simulateAll([...new Set(kept.map(({ seed }) => seed))], (result) => {
      faults.set(result.seed, result.faults);
    });
  }, boundMs);

  test.each(kept)('seed $seed keeps its invariants; it found: $found', ({ seed }) => {
    expect(faults.get(seed)).toEqual([]);
  });
});

test('a seed gives the same story each time, whatever was simulated before it', { timeout: boundMs }, async () => {
  const some = [7, 8, 9, 10, 11, 12];
  const [once, again] = [new Map<number, string>(), new Map<number, string>()];
  await simulateAll(some, ({ seed, digest }) => void once.set(seed, digest), 1);
  await simulateAll(some.toReversed(), ({ seed, digest }) => void again.set(seed, digest), 1);
  expect(once.size).toBe(some.length);
  for (const seed of some) expect(again.get(seed), `the story of ${seed}`).toBe(once.get(seed));
});
