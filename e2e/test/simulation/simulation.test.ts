import type * as nodeCrypto from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { simulate } from './simulate.ts';
import kept from './seeds.json' with { type: 'json' };

// Without a network, and with nothing random that does not come from the seed.
vi.mock('ws', async (importActual) => ({
  ...(await importActual<object>()),
  ...(await import('./network/upstream.ts')).fakeWs,
}));
vi.mock('node:crypto', async (importActual) =>
  (await import('./time.ts')).seededCrypto(await importActual<typeof nodeCrypto>()),
);

/**
 * Whole clusters under a seed: initializers, relays and edges as they are, with clients as they are and services that speak as services do;
 * twins of the broker, of the executor and of the network; and faults of all of these. `npm run test:simulation` runs many (`REVEILLE_SEEDS`, from `REVEILLE_FIRST_SEED` on) or replays one
 * (`REVEILLE_SEED`).
 */
const replayed = process.env['REVEILLE_SEED'];
const count = Number(process.env['REVEILLE_SEEDS'] ?? 100);
const first = Number(process.env['REVEILLE_FIRST_SEED'] ?? 1);
const seeds = replayed === undefined ? Array.from({ length: count }, (_, index) => first + index) : [Number(replayed)];
/** One cluster takes a fifth of a second; what comes on top is a busy machine. Milliseconds. */
const boundMs = Math.max(600_000, seeds.length * 2_000);
/** With fewer seeds it is chance whether each fault was among them. */
const enoughSeeds = 100;

/** Each fault and each outcome. */
const mustHappen = [
  ...['ready', 'failed', 'lost', 'stopped', 'refused', 'trial', 'replaced', 'drained', 'emptied', 'changed', 'killed'],
  ...['initializer', 'edge', 'relay'].flatMap((kind) =>
    ['crashed', 'terminated', 'frozen', 'cut'].map((what) => `${what}-${kind}`),
  ),
  ...['published', 'broken', 'dawdles', 'impostor', 'voiceless', 'left'],
  ...['begun', 'initialization_completed', 'initialization_failed', 'deadline_exceeded', 'upstream_unproven'],
  ...['resumed', 'begun-anew', 'draining', 'interrupted', 'rejected', 'accepted', 'heard', 'broker_unavailable'],
];

test(`${seeds.length} clusters keep their invariants, whatever happens to them`, { timeout: boundMs }, async () => {
  const sometimes: Record<string, number> = {};
  const failed: string[] = [];
  for (const seed of seeds) {
    const { faults, story, seen } = await simulate(seed);
    for (const [what, times] of Object.entries(seen)) sometimes[what] = (sometimes[what] ?? 0) + times;
    if (faults.length > 0)
      failed.push(`npm run test:simulation -- --seed ${seed}\n  ${faults.join('\n  ')}\n${replayed ? story : ''}`);
    if (failed.length > 5) break;
  }
  if (process.env['REVEILLE_SEEDS']) process.stdout.write(`${JSON.stringify(sometimes)}\n`);
  expect(failed.join('\n')).toBe('');
  // Every fault really happened, and so did what it must not keep from happening.
  if (seeds.length >= enoughSeeds) for (const what of mustHappen) expect(sometimes[what] ?? 0, what).toBeGreaterThan(0);
});

/** Seeds that once found a fault are replayed by name in each run, whatever range of seeds that has. One that a fault is mended for goes there. */
test.each(kept)('seed $seed keeps its invariants; it found: $found', { timeout: boundMs }, async ({ seed }) => {
  expect((await simulate(seed)).faults).toEqual([]);
});

test('a seed gives the same story each time', async () => {
  expect((await simulate(7)).story).toBe((await simulate(7)).story);
});
