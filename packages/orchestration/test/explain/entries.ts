import {
  type ChangeKind,
  globalScopeKey,
  type InstanceKey,
  type JournalEntry,
  type LedgerRecord,
  type ServiceName,
} from '@reveille/contracts';
import type { RunInstance } from '../../src/explain/index.ts';

export function keyOf(service: string): InstanceKey {
  return `${service}~global` as InstanceKey;
}

export function plannedOf(service: string, needs: readonly string[] = []): RunInstance {
  return { instance: keyOf(service), service: service as ServiceName, name: service, dependencies: needs.map(keyOf) };
}

/** The entry of a commit of generation 1. */
export function entryOf(
  service: string,
  change: ChangeKind,
  at: number,
  more: Partial<LedgerRecord> & Pick<LedgerRecord, 'state'>,
): JournalEntry {
  const record: LedgerRecord = {
    version: 1,
    instance: keyOf(service),
    service: service as ServiceName,
    scope: { kind: 'global' },
    scopeKey: globalScopeKey,
    catalog: 'c',
    revision: at,
    generation: 1,
    attempt: more.state === 'starting' || more.state === 'ready' ? 1 : 0,
    epoch: 1,
    dependencies: [],
    dependents: [],
    timings: {},
    ...more,
  };
  return { version: 1, change, at, record };
}

/** A start that goes well: when each step began. */
export function startOf(
  service: string,
  times: { wanted: number; queued: number; claimed: number; opening?: number; ready: number },
): JournalEntry[] {
  const opening = { phase: 'opening', detail: 'opening its database' };
  return [
    entryOf(service, 'wanted', times.wanted, { state: 'waiting', timings: { wantedAt: times.wanted } }),
    entryOf(service, 'queued', times.queued, { state: 'queued' }),
    entryOf(service, 'claimed', times.claimed, { state: 'starting' }),
    ...(times.opening === undefined
      ? []
      : [entryOf(service, 'progress', times.opening, { state: 'starting', progress: opening })]),
    entryOf(service, 'ready', times.ready, { state: 'ready' }),
  ];
}
