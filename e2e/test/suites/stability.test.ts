import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { redisKeys } from '@reveille/broker';
import { Redis } from 'ioredis';
import { expect, inject, test } from 'vitest';
import { startAssistant } from '../../src/assistant/assistant.ts';
import { assistantServices } from '../../src/assistant/catalog.ts';
import { startsOf } from '../../src/assistant/history.ts';
import { resultOf, User } from '../../src/assistant/user.ts';
import type { Cluster } from '../../src/cluster.ts';
import type { Deployable } from '../../src/deployables.ts';
import { markedProcesses } from '../../src/marked-processes.ts';
import { inspectable, liveBytes } from '../../src/inspected-heap.ts';
import { countKeys } from '../../src/redis-keys.ts';
import { seeded } from '../../src/seed.ts';
import { generatedTable } from '../../src/usage-table.ts';

/** `npm run test:stability` is the long run, with 100. */
const cycles = Number(process.env['REVEILLE_TEST_CYCLES'] ?? 5);
/** The first ones fill caches and pools. */
const warmUp = 2;

/** What one deployable holds, and what there is in Redis, when nothing of the assistant runs. */
type Reading = { keys: Map<string, number>; handles: Record<string, number>; liveKiB: Record<string, number> };

/** What a deployable may keep of a start, in KiB. Few readings tell less: code that is compiled late looks like a leak. */
const mostKept = 16 + 4096 / cycles;

test(
  `${cycles} times from cold to an answer and back to nothing running: no process, key, handle or memory is left over`,
  { timeout: 60_000 + cycles * 60_000 },
  async () => {
    const random = seeded();
    let namespace = '';
    await using redis = connectTo(inject('redisUrl'));
    {
      await using cluster = await startAssistant({
        env: inspectable,
        change({ services }) {
          // Stopped as soon as nobody needs them: dependents first, what they need after them.
          for (const name of assistantServices) services[name].idle.stopAfterMs = 1;
        },
      });
      ({ namespace } = cluster);
      const readings: Reading[] = [];
      for (let cycle = 1; cycle <= cycles; cycle++) {
        const table = generatedTable(random, { rows: random.whole(20, 200) });
        const user = await User.at(cluster, `user-${cycle}`);
        const events = await user.ask({ text: 'Where do the tokens go?', files: [table.file] });
        expect(resultOf(events).analysis_results.totals).toEqual(table.totals);
        expect(markedProcesses(namespace).length).toBeGreaterThanOrEqual(assistantServices.length);
        await user.client[Symbol.asyncDispose]();
        await expect.poll(() => markedProcesses(namespace), { timeout: 60_000, interval: 50 }).toEqual([]);
        for (const service of assistantServices) expect(startsOf(service, cluster.dir), service).toHaveLength(cycle);
        readings.push(await settled(cluster, redis.client));
        console.log(JSON.stringify({ cycle, ...readings.at(-1), keys: undefined }));
      }
      const [before, after] = [readings[warmUp - 1], readings.at(-1)] as [Reading, Reading];
      for (const pattern of new Set([...before.keys.keys(), ...after.keys.keys()])) {
        expect(patterns).toContain(pattern);
        const [had, has] = [before.keys.get(pattern) ?? 0, after.keys.get(pattern) ?? 0];
        if (isPassing(pattern)) expect(has, pattern).toBeLessThanOrEqual(had + assistantServices.length);
        else expect(has, pattern).toBe(had + (cycles - warmUp) * keptOf(pattern));
      }
      expect(after.handles).toEqual(before.handles);
      const later = readings.slice(Math.floor(cycles / 2));
      for (const kind of Object.keys(after.liveKiB))
        expect(
          perStep(later.map(({ liveKiB }) => liveKiB[kind] ?? 0)),
          `KiB that ${kind} keeps of a start`,
        ).toBeLessThan(mostKept);
    }
    expect(markedProcesses(namespace)).toEqual([]);
    const left = await countKeys(redis.client, namespace);
    for (const pattern of left.keys()) expect(patterns).toContain(pattern);
  },
);

const patterns = redisKeys.map((row) => row.pattern);

/** Jobs, their locks and marks come and go with each look of the sweep: never more of them than there are instances. */
function isPassing(pattern: string): boolean {
  return pattern.startsWith('{NS}:reconcile:') || pattern.startsWith('{NS}:start:');
}

/** Keys that a start leaves for 24 hours: a timeline of each generation, and one initialization, found by its trace, session and user. */
function keptOf(pattern: string): number {
  if (pattern.includes(':timeline:')) return assistantServices.length;
  if (pattern.includes(':initializations:')) return 3;
  return pattern.includes(':initialization:') ? 1 : 0;
}

/** When two readings in a row are the same in what can be counted. */
async function settled(cluster: Cluster, redis: Redis): Promise<Reading> {
  let last = '';
  let reading: Omit<Reading, 'liveKiB'> | undefined;
  await expect
    .poll(
      async () => {
        reading = await read(cluster, redis);
        const now = JSON.stringify([reading.handles, [...reading.keys].toSorted()]);
        const same = now === last;
        last = now;
        return same;
      },
      { timeout: 60_000, interval: 300 },
    )
    .toBe(true);
  return { ...(reading as unknown as Reading), liveKiB: await liveKiB(cluster) };
}

async function read(cluster: Cluster, redis: Redis): Promise<Omit<Reading, 'liveKiB'>> {
  const descriptors = ({ child }: Deployable): number => readdirSync(`/proc/${child.pid}/fd`).length;
  return {
    keys: await countKeys(redis, cluster.namespace),
    handles: Object.fromEntries(cluster.deployables.map((one) => [one.kind, descriptors(one)])),
  };
}

/** The lowest of three looks: what is under way at one of them is no leak. */
async function liveKiB({ deployables }: Cluster): Promise<Record<string, number>> {
  const lowest: Record<string, number> = {};
  for (let look = 0; look < 3; look++) {
    if (look > 0) await sleep(200);
    for (const one of deployables)
      lowest[one.kind] = Math.min(
        lowest[one.kind] ?? Number.POSITIVE_INFINITY,
        Math.round((await liveBytes(one)) / 1024),
      );
  }
  return lowest;
}

/** By how much readings rise from one to the next: the median of the slopes of all pairs (Theil and Sen), which a single jump does not move. */
function perStep(values: readonly number[]): number {
  const slopes = values.flatMap((from, at) => values.slice(at + 1).map((to, further) => (to - from) / (further + 1)));
  return slopes.toSorted((a, b) => a - b)[Math.floor(slopes.length / 2)] ?? 0;
}

function connectTo(url: string): AsyncDisposable & { client: Redis } {
  const client = new Redis(url);
  return { client, [Symbol.asyncDispose]: async () => void (await client.quit()) };
}
