import { InvalidArgumentError } from 'commander';

/** Parsers of option values; what they refuse is printed with the option's name, exit 2. */

/** A TCP port; 0 takes a free one. */
export function portValue(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}

/** A whole number from 1 to 100. */
export function countValue(text: string): number {
  const count = Number(text);
  if (!/^\d{1,3}$/.test(text) || count < 1 || count > 100)
    throw new InvalidArgumentError('A count is a whole number from 1 to 100.');
  return count;
}

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
/** A day: what is waited for longer is better asked for again. */
const longestMs = 86_400_000;

/** `500ms`, `30s`, `5m`, or plain seconds; the value is in milliseconds. */
export function durationValue(text: string): number {
  const [, digits, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const ms = Math.round(Number(digits) * unitMs[unit as keyof typeof unitMs]);
  if (digits === undefined || ms < 1 || ms > longestMs)
    throw new InvalidArgumentError('A duration is a number of seconds, or one such as 500ms, 30s or 5m, at most 24h.');
  return ms;
}

/** Any JSON value. */
export function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`It is not JSON: ${(error as Error).message}.`);
  }
}

/** The address of an edge. */
export function edgeUrlValue(text: string): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : undefined;
  if (protocol === undefined || !['http:', 'https:', 'ws:', 'wss:'].includes(protocol))
    throw new InvalidArgumentError('The address of an edge begins with http://, https://, ws:// or wss://.');
  return text;
}

/** For options that may be given several times. */
export function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}
