import type { JournalEntry } from '@reveille/contracts';
import { BrokerUnavailable, type StampedEntry } from '@reveille/orchestration';
import { createLogger, createMetrics } from '@reveille/telemetry';
import { expect, test } from 'vitest';
import { entriesByEdge } from '../src/route/by-edge.ts';
import { routeTo } from '../src/route/route.ts';
import { instanceOf } from './relay-world.ts';

function stamped(service: string, ...edges: string[]): StampedEntry {
  const record = { instance: instanceOf(service), service, state: 'waiting', generation: 1, attempt: 0 };
  return { id: `${service}-0`, partition: 0, entry: { version: 1, change: 'wanted', at: 1, record } as never, edges };
}

/** Routes with a publish of the test's own; what was published and kept. */
function routed(publish: (edge: string) => void) {
  const published: [string, string[]][] = [];
  const kept: string[] = [];
  const services = (entries: readonly JournalEntry[]) => entries.map((entry) => entry.record.service);
  const route = routeTo({
    router: {
      publish: async (edge, entries) => {
        publish(edge);
        published.push([edge, services(entries)]);
      },
      publishGap: () => Promise.reject(new Error('not here')),
      subscribe: () => Promise.reject(new Error('not here')),
    },
    timelines: {
      append: async (entries) => void kept.push(...services(entries)),
      read: async () => ({ entries: [] }),
      note: async () => new Set<string>(),
      run: async () => undefined,
      runs: async () => [],
      durations: async () => new Map(),
    },
    metrics: createMetrics({ processMetrics: false }),
    logger: createLogger({ name: 'relay', level: 'silent' }),
  });
  return { route, published, kept };
}

test('one publish per edge carries all that concerns it, in the order of the journal', () => {
  const batch = [stamped('a', 'ann', 'bob'), stamped('b'), stamped('c', 'ann', 'ann')];
  const services = [...entriesByEdge(batch)].map(([edge, list]) => [edge, list.map((one) => one.record.service)]);
  expect(services).toEqual([
    ['ann', ['a', 'c']],
    ['bob', ['a']],
  ]);
});

test('an edge that cannot be told keeps nobody else from hearing, now or later', async () => {
  const { route, published, kept } = routed((edge) => {
    if (edge === 'ann') throw new RangeError('no such edge');
  });
  await route([stamped('a', 'ann', 'bob')]);
  expect(published).toEqual([['bob', ['a']]]);
  expect(kept).toEqual(['a']);
});

test('while Redis is away nothing counts as told, so that it comes again', async () => {
  const { route, kept } = routed(() => {
    throw new BrokerUnavailable('away');
  });
  await expect(route([stamped('a', 'ann')])).rejects.toThrow(BrokerUnavailable);
  expect(kept).toEqual([]);
});
