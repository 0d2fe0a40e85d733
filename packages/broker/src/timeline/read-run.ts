import type { InstanceKey } from '@reveille/contracts';
import type { Run, RunEnd, RunHead, RunWait } from '@reveille/orchestration';
import { fields } from './run-notes.ts';

/** The hash of an initialization; undefined when nobody said what it is about. */
export function readRun(hash: Readonly<Record<string, string>>): Run | undefined {
  const head = hash[fields.head];
  if (head === undefined) return undefined;
  const { [fields.end]: end, [fields.claimed]: rootBy } = hash;
  const under = (prefix: string): [string, string][] =>
    Object.entries(hash).flatMap(([field, value]) =>
      field.startsWith(prefix) ? [[field.slice(prefix.length), value] as [string, string]] : [],
    );
  const generations = new Map<InstanceKey, number[]>();
  for (const [place, value] of under(fields.generation)) {
    // Older versions wrote the last generation alone, by the instance.
    const [key = ''] = place.split('.');
    const known = generations.get(key as InstanceKey) ?? [];
    generations.set(
      key as InstanceKey,
      [...new Set([...known, Number(value)])].toSorted((one, other) => one - other),
    );
  }
  const waits = under(fields.wait).map(([, text]) => JSON.parse(text) as RunWait);
  const first = JSON.parse(head) as RunHead;
  const heads = under(fields.headOf).map(([, text]) => JSON.parse(text) as RunHead);
  return {
    head: first,
    others: heads
      .filter(({ target }) => target !== first.target)
      .toSorted((one, other) => one.startedAt - other.startedAt || (one.target < other.target ? -1 : 1)),
    ...(end === undefined ? {} : { end: JSON.parse(end) as RunEnd }),
    generations,
    positions: new Map(under(fields.position).map(([place, value]) => [place, Number(value)] as const)),
    waits: waits.toSorted((one, other) => one.from - other.from || (one.session < other.session ? -1 : 1)),
    ...(rootBy === undefined ? {} : { rootBy }),
    unlisted: Number(hash[fields.unlisted] ?? 0),
  };
}
