import { readdirSync, readFileSync } from 'node:fs';
import { redisKeys } from '@reveille/broker';
import { Redis } from 'ioredis';
import { expect, inject, test } from 'vitest';
import { startAssistant } from '../../src/assistant/assistant.ts';
import { assistantServices } from '../../src/assistant/catalog.ts';
import { startsOf } from '../../src/assistant/history.ts';
import { resultOf, User } from '../../src/assistant/user.ts';
import type { Cluster } from '../../src/cluster.ts';
import { markedProcesses } from '../../src/marked-processes.ts';
import { countKeys } from '../../src/redis-keys.ts';
import { seeded } from '../../src/seed.ts';
import { generatedTable } from '../../src/usage-table.ts';

/** `REVEILLE_TEST_CYCLES=100` is the long run. */
const cycles = Number(process.env['REVEILLE_TEST_CYCLES'] ?? 5);
/** The first ones fill caches and pools. */
const warmUp = 2;

/** What one deployable holds, and what there is in Redis, when nothing of the assistant runs. */
type Reading = { keys: Map<string, number>; handles: Record<string, number>; residentMiB: Record<string, number> };

test(
  `${cycles} times from cold to an answer and back to nothing running: no process, key, handle or memory is left over`,
  { timeout: 60_000 + cycles * 60_000 },
  async () => {
    const random = seeded();
    let namespace = '';
    await using redis = connectTo(inject('redisUrl'));
    {
      await using cluster = await startAssistant({
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
      }
      const [before, after] = [readings[warmUp - 1], readings.at(-1)] as [Reading, Reading];
      console.log(JSON.stringify({ handles: after.handles, residentMiB: [before.residentMiB, after.residentMiB] }));
      for (const pattern of after.keys.keys()) expect(patterns).toContain(pattern);
      for (const [pattern, count] of after.keys) {
        // For 24 hours: one timeline for each generation, and one initialization, found by its trace, session and user.
        const isKept = pattern.includes(':timeline:') || pattern.includes(':initialization');
        const timelines = isKept ? 4 * (cycles - warmUp) : 0;
        const expected =
          (before.keys.get(pattern) ?? 0) + timelines + (isPassing(pattern) ? assistantServices.length : 0);
        expect(count, pattern).toBeLessThanOrEqual(expected);
      }
      for (const [name, count] of Object.entries(after.handles))
        expect(count, name).toBeLessThanOrEqual((before.handles[name] ?? 0) + 2);
      for (const [name, mib] of Object.entries(after.residentMiB))
        // Generous: a collector frees when it wants to. A leak of a whole start each time is above it.
        expect(mib, name).toBeLessThan((before.residentMiB[name] ?? 0) + 40 + cycles);
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

/** When two readings in a row are the same in what can be counted. */
async function settled(cluster: Cluster, redis: Redis): Promise<Reading> {
  let last = '';
  let reading: Reading | undefined;
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
  return reading as unknown as Reading;
}

async function read(cluster: Cluster, redis: Redis): Promise<Reading> {
  const of = (look: (pid: number) => number): Record<string, number> =>
    Object.fromEntries(cluster.deployables.map(({ kind, child }) => [kind, look(child.pid ?? 0)]));
  return {
    keys: await countKeys(redis, cluster.namespace),
    handles: of((pid) => readdirSync(`/proc/${pid}/fd`).length),
    residentMiB: of((pid) => {
      const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
      return Math.round(Number(line?.[1]) / 1024);
    }),
  };
}

function connectTo(url: string): AsyncDisposable & { client: Redis } {
  const client = new Redis(url);
  return { client, [Symbol.asyncDispose]: async () => void (await client.quit()) };
}
