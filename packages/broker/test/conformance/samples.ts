import type {
  InstanceKey,
  JournalEntry,
  LedgerRecord,
  Origin,
  ReconcileJob,
  ServiceName,
  StartJob,
} from '@reveille/contracts';
import { globalScopeKey, instanceKeyOf } from '@reveille/contracts';
import { mint, type Commit, type Reading } from '@reveille/orchestration';

export const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

export function instanceOf(service: string): InstanceKey {
  return instanceKeyOf(service as ServiceName, globalScopeKey);
}

export function recordOf(instance: InstanceKey, more: Partial<LedgerRecord> = {}): LedgerRecord {
  return {
    version: 1,
    instance,
    service: instance.split('~')[0] as ServiceName,
    scope: { kind: 'global' },
    scopeKey: globalScopeKey,
    catalog: 'sha256-of-a-catalog',
    revision: 1,
    state: 'waiting',
    generation: 1,
    attempt: 0,
    epoch: 0,
    dependencies: [],
    dependents: [],
    timings: {},
    ...more,
  };
}

/** A commit made on a reading. */
export function commitOn(
  reading: Reading,
  more: Partial<Omit<Commit, 'record'>> & { record?: Partial<LedgerRecord> } = {},
): Commit {
  const { record, ...rest } = more;
  const revision = mint(reading.token, reading.nowUs);
  return {
    expected: reading.token,
    change: 'wanted',
    ...rest,
    record: recordOf(reading.instance, { ...reading.record, ...record, revision }),
  };
}

export function entryOf(instance: InstanceKey, revision: number, more: Partial<LedgerRecord> = {}): JournalEntry {
  const change = more.state === 'ready' ? 'ready' : 'progress';
  return { version: 1, change, at: revision, record: recordOf(instance, { revision, ...more }) };
}

export function reconcileJobOf(instance: InstanceKey, reason: ReconcileJob['reason'] = 'wanted'): ReconcileJob {
  return {
    version: 1,
    kind: 'reconcile',
    instance,
    service: instance.split('~')[0] as ServiceName,
    scope: { kind: 'global' },
    reason,
    origin: { initialization: 'run-1', traceparent: trace },
  };
}

export function startJobOf(instance: InstanceKey, attempt = 1): StartJob {
  const origin = { initialization: 'run-1', traceparent: trace };
  return {
    version: 1,
    kind: 'start',
    instance,
    generation: 7,
    attempt,
    lane: globalScopeKey,
    urgency: 'waiting',
    origin,
  };
}

/** An initialization that an edge announces. */
export function originOf(edge: string): Origin {
  return { initialization: `of ${edge}`, traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
}
