/** What reading one variable gave: a value, or the words for a fault. */
export type Reading<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly found: string; readonly expected: string };

/** One environment variable: its name and how its text becomes a value. */
export interface Setting<T> {
  readonly name: string;
  /** `raw` is undefined when the variable is unset or empty (OpenTelemetry's rule: empty means unset). */
  read(raw: string | undefined): Reading<T>;
}

/** Neither given: the setting is required. The two are alternatives; `default` wins. */
export interface Presence<T> {
  readonly default?: T;
  readonly optional?: boolean;
}

/** The type of a setting's value: `undefined` is possible only where `optional: true` was written. */
export type ValueOf<T, O> = O extends { default: unknown } ? T : O extends { optional: true } ? T | undefined : T;

/** How the text of one kind of setting is judged. */
export interface Kind<T> {
  /** Words that follow "expected". */
  readonly expected: string;
  /** The value, or undefined when the text is not acceptable. */
  parse(raw: string): T | undefined;
  /** How a refused text is shown; quoted and shortened when not given. Secrets must give it. */
  describe?(raw: string): string;
}

/** Builds a setting from a kind; the base of all builders, and the way to a kind of one's own. */
export function setting<T, const O extends Presence<T>>(
  name: string,
  kind: Kind<T>,
  presence?: O,
): Setting<ValueOf<T, O>> {
  const read = (raw: string | undefined): Reading<T | undefined> => {
    if (raw === undefined || raw === '') {
      if (presence?.default !== undefined) return { ok: true, value: presence.default };
      if (presence?.optional === true) return { ok: true, value: undefined };
      return { ok: false, found: 'nothing', expected: kind.expected };
    }
    const value = kind.parse(raw);
    if (value !== undefined) return { ok: true, value };
    return { ok: false, found: kind.describe?.(raw) ?? quote(raw), expected: kind.expected };
  };
  return { name, read: read as Setting<ValueOf<T, O>>['read'] };
}

/** Longest text of a refused value that a report repeats, in characters. */
const SHOWN_CHARACTERS = 80;

/** A refused value as one line of a report: quoted, control characters escaped, bounded. */
export function quote(raw: string): string {
  return raw.length <= SHOWN_CHARACTERS
    ? JSON.stringify(raw)
    : `${JSON.stringify(raw.slice(0, SHOWN_CHARACTERS))}… (${raw.length} characters)`;
}
