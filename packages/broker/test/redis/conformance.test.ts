import { redisKeys } from '@reveille/broker';
import { expect, test } from 'vitest';
import { brokerConformance } from '../conformance/broker-conformance.ts';
import { redisUrl } from './provided-url.ts';
import { redisBench } from './redis-bench.ts';

const seen = new Set<string>();

brokerConformance(() =>
  redisBench({
    url: redisUrl,
    onKeys: (keys, namespace) => {
      for (const { key, type } of keys) seen.add(`${key.replaceAll(namespace, 'NS')} ${type}`);
    },
  }),
);

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
      /\b(INSTANCE|GENERATION|SERVICE|ENTRYPOINT|USER|ATTEMPT|NUMBER|DEDUPLICATION|JOB|NODE)\b/g,
      '[A-Za-z0-9_~.-]+',
    );
  return new RegExp(`^${text} ${type}$`);
}
