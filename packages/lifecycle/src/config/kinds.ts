import { setting, type Presence, type Setting, type ValueOf } from './setting.ts';

/** A whole number in plain decimal digits, bounds included. */
export function integer<const O extends Presence<number> & { min?: number; max?: number }>(
  name: string,
  options?: O,
): Setting<ValueOf<number, O>> {
  const min = options?.min ?? Number.MIN_SAFE_INTEGER;
  const max = options?.max ?? Number.MAX_SAFE_INTEGER;
  const expected =
    options?.min !== undefined && options.max !== undefined
      ? `a whole number from ${min} to ${max}`
      : options?.min !== undefined
        ? `a whole number of at least ${min}`
        : options?.max !== undefined
          ? `a whole number of at most ${max}`
          : 'a whole number';
  const parse = (raw: string): number | undefined => {
    if (!/^-?\d+$/.test(raw)) return undefined;
    const value = Number(raw);
    return Number.isSafeInteger(value) && value >= min && value <= max ? value : undefined;
  };
  return setting(name, { expected, parse }, options) as Setting<ValueOf<number, O>>;
}

/** Exactly one of the words. */
export function oneOf<const W extends string, const O extends Presence<W>>(
  name: string,
  words: readonly W[],
  options?: O,
): Setting<ValueOf<W, O>> {
  const expected = `one of ${words.map((word) => `"${word}"`).join(', ')}`;
  const parse = (raw: string): W | undefined => words.find((word) => word === raw);
  return setting(name, { expected, parse }, options) as Setting<ValueOf<W, O>>;
}

/** `true` or `1`, `false` or `0`. */
export function boolean<const O extends Presence<boolean>>(name: string, options?: O): Setting<ValueOf<boolean, O>> {
  const parse = (raw: string): boolean | undefined =>
    raw === 'true' || raw === '1' ? true : raw === 'false' || raw === '0' ? false : undefined;
  return setting(name, { expected: '"true" or "false"', parse }, options) as Setting<ValueOf<boolean, O>>;
}

/** Any text; `pattern` must match all of it when given, and then `expected` says it in words. */
export function text<const O extends Presence<string> & ({ pattern: RegExp; expected: string } | { pattern?: never })>(
  name: string,
  options?: O,
): Setting<ValueOf<string, O>> {
  const rule: { pattern?: RegExp; expected?: string } = options ?? {};
  const parse = (raw: string): string | undefined =>
    rule.pattern === undefined || matchesAll(rule.pattern, raw) ? raw : undefined;
  return setting(name, { expected: rule.expected ?? 'a text', parse }, options) as Setting<ValueOf<string, O>>;
}

/**
 * Texts separated by commas, blanks around each ignored, empty ones refused. `item` judges one text (undefined refuses
 * it) and then `expected` says in words what one must be.
 */
export function list<
  const O extends Presence<readonly string[]> &
    ({ item: (text: string) => string | undefined; expected: string } | { item?: never }),
>(name: string, options?: O): Setting<ValueOf<readonly string[], O>> {
  const rule: { item?: (text: string) => string | undefined; expected?: string } = options ?? {};
  const expected = `a list separated by commas${rule.expected === undefined ? '' : `, each ${rule.expected}`}`;
  const parse = (raw: string): readonly string[] | undefined => {
    const items: string[] = [];
    for (const part of raw.split(',')) {
      const trimmed = part.trim();
      const item = trimmed === '' ? undefined : rule.item === undefined ? trimmed : rule.item(trimmed);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  };
  return setting(name, { expected, parse }, options) as Setting<ValueOf<readonly string[], O>>;
}

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** A duration: plain milliseconds, or a number with `ms`, `s`, `m` or `h`. The value is in whole milliseconds. */
export function durationMs<const O extends Presence<number> & { min?: number; max?: number }>(
  name: string,
  options?: O,
): Setting<ValueOf<number, O>> {
  const min = options?.min ?? 0;
  const max = options?.max ?? Number.MAX_SAFE_INTEGER;
  const upTo = options?.max === undefined ? `at least ${min} ms` : `from ${min} to ${max} ms`;
  const parse = (raw: string): number | undefined => {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(raw);
    if (match === null) return undefined;
    const value = Number(match[1]) * UNIT_MS[(match[2] ?? 'ms') as keyof typeof UNIT_MS];
    return Number.isSafeInteger(value) && value >= min && value <= max ? value : undefined;
  };
  const expected = `a duration such as "500", "500ms", "30s" or "5m", ${upTo}`;
  return setting(name, { expected, parse }, options) as Setting<ValueOf<number, O>>;
}

function matchesAll(pattern: RegExp, raw: string): boolean {
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, '')).test(raw);
}
