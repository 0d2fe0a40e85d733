import { createHash } from 'node:crypto';

/** Parts of catalogs are asked for again and again, and nothing changes in one that was loaded. */
const known = new WeakMap<object, string>();

/**
 * First 16 hexadecimal digits of the SHA-256 of the value as JSON with sorted keys: layout, comments and order of keys do not count.
 * @param value nothing may change in it any more
 */
export function digestOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return hashed(value);
  const digest = known.get(value) ?? hashed(value);
  known.set(value, digest);
  return digest;
}

function hashed(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonicalJson(each)}`).join(',')}}`;
}
