import type { Failure, InitializationFrame, InstanceKey, LedgerRecord } from '@reveille/contracts';
import type { Plan, PlannedInstance } from '../plan/index.ts';
import type { PlanState } from './plan-state.ts';
import { type Telling, told } from './telling.ts';
import { words } from './words.ts';

function of(instance: PlannedInstance, record: LedgerRecord | undefined) {
  return { service: instance.service, name: instance.name, generation: record?.generation ?? 0 };
}

function names(plan: Plan, instances: readonly PlannedInstance['instance'][]): string[] {
  return plan.instances.filter((one) => instances.includes(one.instance)).map((one) => one.name);
}

/** What is under way, for one who joins: each service's present step. */
export function snapshotFrames(plan: Plan, state: PlanState, telling: Telling): InitializationFrame[] {
  return plan.instances.flatMap((instance) => {
    const record = state.get(instance.instance);
    return record ? (initializing(plan, state, instance, record, telling) ?? []) : [];
  });
}

/** The queued among these, whose number in line is another one now. */
export function positionFrames(
  plan: Plan,
  state: PlanState,
  moved: ReadonlySet<InstanceKey>,
  telling: Telling,
): InitializationFrame[] {
  return plan.instances.flatMap((instance) => {
    const record = moved.has(instance.instance) ? state.get(instance.instance) : undefined;
    return record?.state === 'queued' ? (initializing(plan, state, instance, record, telling) ?? []) : [];
  });
}

/** What changed between two states of a plan, each change told once, in the order of the plan. */
export function framesBetween(
  plan: Plan,
  before: PlanState,
  after: PlanState,
  telling: Telling,
): InitializationFrame[] {
  return plan.instances.flatMap((instance) => {
    const was = before.get(instance.instance);
    const is = after.get(instance.instance);
    if (is === undefined || was === is) return [];
    return changed(plan, after, instance, was, is, telling);
  });
}

function changed(
  plan: Plan,
  state: PlanState,
  instance: PlannedInstance,
  was: LedgerRecord | undefined,
  is: LedgerRecord,
  telling: Telling,
): InitializationFrame[] {
  const frames: InitializationFrame[] = [];
  const failedAnew = is.failure !== undefined && !sameFailure(was, is);
  if (failedAnew && (is.state === 'queued' || is.state === 'starting' || is.state === 'failed'))
    frames.push(failedAttempt(instance, is, telling));
  if (is.state === 'ready' && (was?.state !== 'ready' || was.generation !== is.generation))
    frames.push(completedService(plan, state, instance, is, telling));
  else if (!sameStep(was, is)) frames.push(...(initializing(plan, state, instance, is, telling) ?? []));
  return frames;
}

function sameFailure(was: LedgerRecord | undefined, is: LedgerRecord): boolean {
  if (was?.failure === undefined || is.failure === undefined) return was?.failure === is.failure;
  const final = (record: LedgerRecord) => record.state === 'failed';
  return was.generation === is.generation && was.failure.attempt === is.failure.attempt && final(was) === final(is);
}

function sameStep(was: LedgerRecord | undefined, is: LedgerRecord): boolean {
  return (
    was?.state === is.state &&
    was.generation === is.generation &&
    was.attempt === is.attempt &&
    was.progress?.phase === is.progress?.phase &&
    was.progress?.detail === is.progress?.detail &&
    was.progress?.percent === is.progress?.percent
  );
}

function initializing(
  plan: Plan,
  state: PlanState,
  instance: PlannedInstance,
  record: LedgerRecord,
  telling: Telling,
): InitializationFrame[] | undefined {
  if (record.state !== 'waiting' && record.state !== 'queued' && record.state !== 'starting') return undefined;
  // In the queue it is the attempt to come that the user waits for.
  const attempt = record.state === 'queued' ? record.attempt + 1 : record.attempt;
  const waitingFor =
    record.state === 'waiting'
      ? names(
          plan,
          instance.dependencies.filter((key) => state.get(key)?.state !== 'ready'),
        )
      : [];
  const { detail, percent } = record.state === 'starting' ? (record.progress ?? {}) : {};
  const phase = record.state === 'starting' ? (record.progress?.phase ?? 'starting') : record.state;
  const position = record.state === 'queued' ? telling.position?.(record) : undefined;
  const expected = telling.expectedMs?.(instance.service);
  const etaMs =
    record.state === 'starting' && expected !== undefined
      ? Math.max(0, expected - (telling.now - (record.timings.claimedAt ?? telling.now)))
      : undefined;
  return [
    {
      type: 'service_initializing',
      ...of(instance, record),
      attempt,
      phase,
      ...(detail === undefined ? {} : { detail }),
      ...(percent === undefined ? {} : { percent }),
      ...(etaMs === undefined ? {} : { etaMs }),
      ...(position === undefined ? {} : { position }),
      ...(waitingFor.length === 0 ? {} : { waitingFor }),
      ...told(telling, words.initializing(instance.name, phase, { detail, percent, waitingFor, attempt, position })),
    },
  ];
}

function completedService(
  plan: Plan,
  state: PlanState,
  instance: PlannedInstance,
  record: LedgerRecord,
  telling: Telling,
): InitializationFrame {
  const isReady = (one: PlannedInstance) => state.get(one.instance)?.state === 'ready';
  const completed = plan.instances.filter(isReady).map((one) => one.service);
  const remaining = plan.instances.filter((one) => !isReady(one)).map((one) => one.service);
  const { wantedAt, claimedAt, readyAt } = record.timings;
  const durationMs = Math.max(0, (readyAt ?? telling.now) - (claimedAt ?? wantedAt ?? telling.now));
  return {
    type: 'service_completed',
    ...of(instance, record),
    durationMs,
    servicesCompleted: completed,
    servicesRemaining: remaining,
    progressPercentage: Math.round((100 * completed.length) / plan.instances.length),
    ...told(telling, words.completed(instance.name, durationMs, remaining.length)),
  };
}

function failedAttempt(instance: PlannedInstance, record: LedgerRecord, telling: Telling): InitializationFrame {
  const failure = record.failure as Failure;
  const willRetry = record.state !== 'failed';
  const retryInMs = Math.max(0, (record.notBefore ?? telling.now) - telling.now);
  return {
    type: 'service_failed',
    ...of(instance, record),
    attempt: failure.attempt,
    willRetry,
    ...(willRetry ? { retryInMs } : {}),
    failure,
    ...told(telling, words.attemptFailed(instance, failure, willRetry)),
  };
}
