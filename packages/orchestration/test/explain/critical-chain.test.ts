import type { InstanceKey } from '@reveille/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { criticalChain, type InstanceTimeline, instanceTimeline, lengthOf, slackOf } from '../../src/explain/index.ts';
import { keyOf, plannedOf, startOf } from './entries.ts';

const graphs = 1000;
const begin = 1_000_000;

/** Services s0 to sN, each needing some of those before it, and how long each of its steps takes. */
const graph = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat(), { maxLength: 4 }),
      noticed: fc.nat(40),
      queued: fc.nat(300),
      starting: fc.nat(500),
      opening: fc.nat(3000),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((services) =>
    services.map(({ needs, ...takes }, index) => ({
      planned: plannedOf(`s${index}`, index === 0 ? [] : [...new Set(needs.map((need) => `s${need % index}`))]),
      takes,
    })),
  );

test('on random graphs the critical chain is the longest way that can be found by trying every one, to the millisecond', () => {
  fc.assert(
    fc.property(graph, (services) => {
      const instances = services.map(({ planned }) => planned);
      const target = (instances.at(-1) ?? plannedOf('')).instance;
      const timelines = new Map<InstanceKey, InstanceTimeline>();
      const own = new Map<InstanceKey, number>();
      for (const { planned, takes } of services) {
        const needsAt = Math.max(begin, ...planned.dependencies.map((key) => timelines.get(key)?.to ?? begin));
        const queued = needsAt + takes.noticed;
        const claimed = queued + takes.queued;
        const opening = claimed + takes.starting;
        const ready = opening + takes.opening;
        const entries = startOf(planned.service, { wanted: begin, queued, claimed, opening, ready });
        timelines.set(planned.instance, instanceTimeline(entries, ready) as InstanceTimeline);
        own.set(planned.instance, ready - needsAt);
      }
      const end = timelines.get(target)?.to ?? begin;
      const chain = criticalChain(instances, target, timelines, { from: begin, to: end });

      const byKey = new Map(instances.map((one) => [one.instance, one]));
      const ways = (key: InstanceKey): InstanceKey[][] => {
        const needs = byKey.get(key)?.dependencies ?? [];
        return needs.length === 0 ? [[key]] : needs.flatMap(ways).map((way) => [...way, key]);
      };
      const length = (way: readonly InstanceKey[]): number => way.reduce((sum, key) => sum + (own.get(key) ?? 0), 0);
      const all = ways(target).map((way) => ({ way, ms: length(way) }));
      const longest = Math.max(...all.map(({ ms }) => ms));

      expect(chain.reduce((sum, segment) => sum + lengthOf(segment), 0)).toBe(end - begin);
      expect(longest).toBe(end - begin);
      // One after the other, without gap or overlap.
      expect(chain.map(({ from }) => from)).toEqual([begin, ...chain.map(({ to }) => to)].slice(0, chain.length));
      // Instances that took no time at all leave no segment.
      const visited = [...new Set(chain.map(({ instance }) => instance))];
      const longestWays = all.filter(({ ms }) => ms === longest).map(({ way }) => way.filter((key) => own.get(key)));
      expect(longestWays).toContainEqual(visited);
      const slack = slackOf(instances, target, timelines, begin);
      for (const key of visited) expect(slack.get(key)).toBe(0);
    }),
    { numRuns: graphs, seed: 6 },
  );
});

test('slack is how much later a service could have been ready with the target as early', () => {
  const instances = [plannedOf('fast'), plannedOf('slow'), plannedOf('top', ['fast', 'slow'])];
  const timelines = new Map(
    [
      startOf('fast', { wanted: 0, queued: 0, claimed: 0, ready: 20 }),
      startOf('slow', { wanted: 0, queued: 0, claimed: 0, ready: 300 }),
      startOf('top', { wanted: 0, queued: 310, claimed: 310, ready: 350 }),
    ].map((entries, index) => [instances[index]?.instance as InstanceKey, instanceTimeline(entries, 400)] as const),
  ) as Map<InstanceKey, InstanceTimeline>;
  expect(Object.fromEntries(slackOf(instances, keyOf('top'), timelines, 0))).toEqual({
    [keyOf('fast')]: 280,
    [keyOf('slow')]: 0,
    [keyOf('top')]: 0,
  });
});

test('what was ready before, or of which nothing is kept, is blamed for nothing', () => {
  const instances = [plannedOf('warm'), plannedOf('gone'), plannedOf('top', ['warm', 'gone'])];
  const timelines = new Map([
    [keyOf('warm'), instanceTimeline(startOf('warm', { wanted: 0, queued: 1, claimed: 2, ready: 50 }), 999)],
    [keyOf('top'), instanceTimeline(startOf('top', { wanted: 100, queued: 130, claimed: 140, ready: 200 }), 999)],
  ]) as Map<InstanceKey, InstanceTimeline>;
  const chain = criticalChain(instances, keyOf('top'), timelines, { from: 90, to: 200 });
  expect(chain.map(({ service, kind, from, to }) => [service, kind, from, to])).toEqual([
    ['top', 'unattributed', 90, 100],
    ['top', 'unattributed', 100, 130],
    ['top', 'queued', 130, 140],
    ['top', 'starting', 140, 200],
  ]);
});
