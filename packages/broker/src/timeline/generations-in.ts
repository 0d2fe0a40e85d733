import type { InstanceKey, JournalEntry } from '@reveille/contracts';
import type { RunNote } from '@reveille/orchestration';

/** Which generations these entries make part of their initializations: kept by the relay, so that an edge may die meanwhile. */
export function generationsIn(entries: readonly JournalEntry[]): RunNote[] {
  const found = new Map<string, Map<InstanceKey, number>>();
  for (const { change, record } of entries) {
    if (record.origin === undefined || (change !== 'wanted' && change !== 'queued' && change !== 'claimed')) continue;
    const { initialization } = record.origin;
    const generations = found.get(initialization) ?? new Map<InstanceKey, number>();
    found.set(initialization, generations.set(record.instance, record.generation));
  }
  return [...found].map(([initialization, generations]) => ({ kind: 'generations', initialization, generations }));
}
