import { redisKeys } from '@reveille/broker';
import type { StartJob } from '@reveille/contracts';
import { expect, test } from 'vitest';
import type { BenchOptions } from '../conformance/bench.ts';
import { brokerConformance } from '../conformance/broker-conformance.ts';
import { instanceOf, startJobOf } from '../conformance/samples.ts';
import { redisUrl } from './provided-url.ts';
import { type RedisBench, redisBench } from './redis-bench.ts';

const seen = new Set<string>();

const make = (options: BenchOptions = {}): Promise<RedisBench> =>
  redisBench({
    ...options,
    url: redisUrl,
    onKeys: (keys, namespace) => {
      for (const { key, type } of keys) seen.add(`${key.replaceAll(namespace, 'NS')} ${type}`);
    },
  });

brokerConformance(make);

test('a start that is under way holds a slot', async () => {
  await using bench = await make();
  const taken = Promise.withResolvers<void>();
  const start = async (_: StartJob, signal: AbortSignal): Promise<void> => {
    taken.resolve();
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  };
  const handlers = { reconcile: async () => undefined, start };
  await using _ = await bench.broker.wakeUps.consume(handlers, { reconcileConcurrency: 1, startConcurrency: 1 });
  await bench.broker.wakeUps.start(startJobOf(instanceOf('agent')));
  await taken.promise;
  await bench.tellKeys();
  expect(await bench.redis.zcard(`{${bench.namespace}}:slots`)).toBe(1);
});

test('every key that the suite left is in the table, and every row of our own was seen', () => {
  const rows = redisKeys.map((row) => ({ row, form: formOf(row.pattern, row.type) }));
  const unknown = [...seen].filter((key) => !rows.some(({ form }) => form.test(key)));
  expect(unknown).toEqual([]);
  const ours = rows.filter(({ row }) => !row.content.startsWith('BullMQ'));
  expect(ours.filter(({ form }) => ![...seen].some((key) => form.test(key))).map(({ row }) => row.pattern)).toEqual([]);
});

/** The pattern of a row, as a regular expression over `key type`. */
function formOf(pattern: string, type: string): RegExp {
  const text = pattern
    .replaceAll(/[{}]/g, (brace) => `\\${brace}`)
    .replace(':pN', ':p\\d+')
    .replaceAll(
      /\b(INSTANCE|GENERATION|SERVICE|ENTRYPOINT|USER|ATTEMPT|NUMBER|DEDUPLICATION|JOB|NODE|SESSION|LANE|URGENCY|INITIALIZATION|INDEX|ADDRESS)\b/g,
      '[A-Za-z0-9_~.-]+',
    );
  return new RegExp(`^${text} ${type}$`);
}
