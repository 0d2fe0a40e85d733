import { redisKeys } from '@reveille/broker';
import type { Redis } from 'ioredis';

/** How many keys of a namespace there are of each row of the table of keys; a key of no row counts under its own name. */
export async function countKeys(redis: Redis, namespace: string): Promise<Map<string, number>> {
  const seen = new Set<string>();
  const batches = redis.scanStream({ match: `{${namespace}*`, count: 1_000 }) as AsyncIterable<string[]>;
  for await (const batch of batches) for (const key of batch) seen.add(key);
  const counts = new Map<string, number>();
  for (const key of seen) {
    const name = key.replaceAll(namespace, 'NS');
    const row = rows.find(({ form }) => form.test(name))?.pattern ?? key;
    counts.set(row, (counts.get(row) ?? 0) + 1);
  }
  return counts;
}

const rows = redisKeys.map(({ pattern }) => ({ pattern, form: formOf(pattern) }));

function formOf(pattern: string): RegExp {
  const text = pattern
    .replaceAll(/[{}]/g, (brace) => `\\${brace}`)
    .replace(':pN', ':p\\d+')
    .replaceAll(/\b(?!NS\b)[A-Z]{4,}\b/g, '[A-Za-z0-9_~.-]+');
  return new RegExp(`^${text}$`);
}
