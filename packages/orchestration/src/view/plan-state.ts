import type { Failure, InstanceKey, LedgerRecord, Origin } from '@reveille/contracts';
import { coolsDown } from '../instance/index.ts';
import type { Plan } from '../plan/index.ts';

/** The newest known record of each instance of a plan; absent: cold. */
export type PlanState = ReadonlyMap<InstanceKey, LedgerRecord>;

/**
 * The state with a newer record in it, or the same object when the record is not newer: what a user sees never goes backwards,
 * whatever order the news comes in.
 */
export function applyRecord(state: PlanState, record: LedgerRecord): PlanState {
  const known = state.get(record.instance);
  if (known && (record.revision <= known.revision || record.generation < known.generation)) return state;
  return new Map(state).set(record.instance, record);
}

export type PlanStatus =
  | { status: 'ready'; target: LedgerRecord }
  | { status: 'failed'; failure: Failure; retryAfterMs: number }
  | { status: 'initializing'; missing: InstanceKey[] };

/**
 * @param now the ledger's clock, epoch ms. A failure whose cooldown is over counts as missing: it may be started again.
 * @param initialization the one that is waited in: its failure is told, also when the news of it took longer than the cooldown
 */
export function planStatus(plan: Plan, state: PlanState, now: number, initialization?: string): PlanStatus {
  const records = plan.instances.map((instance) => state.get(instance.instance));
  const isWaitedFor = (record: LedgerRecord) =>
    initialization !== undefined && record.origin?.initialization === initialization;
  const cooling = records.filter(
    (record) => record?.state === 'failed' && (coolsDown(record, now) || isWaitedFor(record)),
  );
  const failure = cooling.find((record) => record?.failure)?.failure;
  if (failure)
    // The first cause in the order of the plan; the time when all of them may be tried again.
    return {
      status: 'failed',
      failure,
      retryAfterMs: Math.max(
        0,
        ...cooling.map((record) =>
          record !== undefined && coolsDown(record, now) ? (record.cooldownUntil ?? now) - now : 0,
        ),
      ),
    };
  const missing = plan.instances.filter((instance) => state.get(instance.instance)?.state !== 'ready');
  const target = state.get(plan.target);
  if (missing.length === 0 && target) return { status: 'ready', target };
  return { status: 'initializing', missing: missing.map((instance) => instance.instance) };
}

/** States in which a generation is on its way to ready. */
const underWay = new Set(['waiting', 'queued', 'starting']);

function recordsUnderWay(plan: Plan, state: PlanState): LedgerRecord[] {
  return plan.instances.flatMap(({ instance }) => {
    const record = state.get(instance);
    return record && underWay.has(record.state) ? [record] : [];
  });
}

/** The initialization that is under way, to be joined: same id, same trace. The newest generation's, target first. */
export function originOf(plan: Plan, state: PlanState): Origin | undefined {
  const records = recordsUnderWay(plan, state);
  const target = records.find((record) => record.instance === plan.target && record.origin);
  return (target ?? records.toSorted((a, b) => b.generation - a.generation).find((record) => record.origin))?.origin;
}

/** When what is under way began (ledger ms): `elapsedMs` is the same for all who wait, on every edge. */
export function startedAtOf(plan: Plan, state: PlanState): number | undefined {
  const times = recordsUnderWay(plan, state).flatMap((record) => record.timings.wantedAt ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}
