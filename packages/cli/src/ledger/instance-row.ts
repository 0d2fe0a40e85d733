import type { InstanceKey, InstanceState, LedgerRecord, Scope } from '@reveille/contracts';
import type { Reading } from '@reveille/orchestration';

/** One instance as an operator sees it; the form of `--json`. Times are epoch milliseconds of Redis. */
export type InstanceRow = {
  instance: InstanceKey;
  service: string;
  scope: Scope;
  state: InstanceState;
  generation: number;
  attempt: number;
  /** Since when it has been in this state; absent where the record does not say. */
  since?: number;
  endpoint?: string;
  owner?: string;
  /** Edges that have users for it. */
  interest: number;
  progress?: LedgerRecord['progress'];
  failure?: LedgerRecord['failure'];
  cooldownUntil?: number;
  /** The next generation, being started beside this one, and why it did not become ready. */
  update?: { generation: number; attempt: number; failure?: LedgerRecord['failure'] };
  /** The generation before, which keeps its sessions until then at most. */
  draining?: { generation: number; until: number };
};

/** Undefined for an instance without a record: it is as cold as one can be. */
export function rowOf({ record, interest }: Reading): InstanceRow | undefined {
  if (record === undefined) return undefined;
  const { instance, service, scope, state, generation, attempt, endpoint, owner } = record;
  const since = sinceOf(record);
  return {
    ...{ instance, service, scope, state, generation, attempt, interest: interest.length },
    ...(since === undefined ? {} : { since }),
    ...(endpoint === undefined ? {} : { endpoint: endpoint.url }),
    ...(owner === undefined ? {} : { owner }),
    ...(record.progress === undefined ? {} : { progress: record.progress }),
    ...(record.failure === undefined ? {} : { failure: record.failure }),
    ...(record.cooldownUntil === undefined ? {} : { cooldownUntil: record.cooldownUntil }),
    ...besides(record),
  };
}

function besides({ successor, draining }: LedgerRecord): Pick<InstanceRow, 'update' | 'draining'> {
  const failure = successor?.failure;
  return {
    ...(successor === undefined
      ? {}
      : {
          update: {
            generation: successor.generation,
            attempt: successor.attempt,
            ...(failure === undefined ? {} : { failure }),
          },
        }),
    ...(draining === undefined ? {} : { draining: { generation: draining.generation, until: draining.until } }),
  };
}

/** By service, then by whom it belongs to, so that two looks compare. */
export function sortRows(rows: readonly InstanceRow[]): InstanceRow[] {
  return rows.toSorted((one, other) => one.instance.localeCompare(other.instance));
}

function sinceOf({ state, timings }: LedgerRecord): number | undefined {
  switch (state) {
    case 'waiting':
      return timings.wantedAt;
    case 'queued':
      return timings.queuedAt;
    case 'starting':
      return timings.claimedAt;
    case 'ready':
      return timings.readyAt;
    case 'cold':
    case 'failed':
    case 'lost':
    case 'stopping':
      return timings.endedAt;
  }
}
