import type { Path } from '../yaml/source-map.ts';

/** The value at a path, own properties only. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** A value in a report: short, and without the contents of environments and headers, which may be secret. */
export function describeValue(value: unknown, path: Path): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'an empty value';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (path.includes('env') || path.includes('headers')) return `a ${typeof value}`;
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/** What was expected instead, in the words of YAML; with a hint where quotes decide. */
export function describeType(expected: string, found: unknown): string {
  const words = typeWords[expected] ?? expected;
  if (expected === 'string' && (typeof found === 'number' || typeof found === 'boolean'))
    return `${words} (put it in quotes)`;
  if (
    (expected === 'number' || expected === 'int') &&
    typeof found === 'string' &&
    found.trim() !== '' &&
    Number.isFinite(Number(found))
  )
    return `${words} (without quotes)`;
  return words;
}
