import type { Failure, InitializationReason, ServerFrameOf } from '@reveille/contracts';
import { criticalPath, type Plan, type PlannedInstance } from '../plan/index.ts';
import type { PlanState } from './plan-state.ts';
import { type Telling, told } from './telling.ts';
import { words } from './words.ts';

/** The snapshot: what the plan consists of and how far each service is. */
export function startedFrame(
  plan: Plan,
  state: PlanState,
  reason: InitializationReason,
  telling: Telling,
): ServerFrameOf<'initialization_started'> {
  const services = plan.instances.map((instance) => {
    const expectedMs = telling.expectedMs?.(instance.service);
    return {
      service: instance.service,
      name: instance.name,
      state: state.get(instance.instance)?.state ?? ('cold' as const),
      dependsOn: instance.dependencies.flatMap(
        (key) => plan.instances.find((one) => one.instance === key)?.service ?? [],
      ),
      ...(expectedMs === undefined ? {} : { expectedMs }),
    };
  });
  const etaMs = remainingMs(plan, state, telling);
  const missing = services.filter((service) => service.state !== 'ready').length;
  return {
    type: 'initialization_started',
    initialization: telling.initialization,
    traceId: telling.traceId,
    reason,
    services,
    totalServices: services.length,
    ...(etaMs === undefined ? {} : { etaMs }),
    deadlineMs: telling.deadlineMs,
    ...told(telling, words.started(reason, missing, services.length)),
  };
}

/** It takes longer than usual. */
export function slowFrame(
  plan: Plan,
  state: PlanState,
  telling: Telling,
  p95Ms?: number,
): ServerFrameOf<'initialization_slow'> {
  const waitingFor = plan.instances.filter((one) => state.get(one.instance)?.state !== 'ready').map((one) => one.name);
  return {
    type: 'initialization_slow',
    ...(p95Ms === undefined ? {} : { p95Ms }),
    deadlineMs: telling.deadlineMs,
    waitingFor,
    ...told(telling, words.slow(waitingFor)),
  };
}

/** The upstream is connected. `initialization` is absent on a warm connect. */
export function completedFrame(
  telling: Pick<Telling, 'traceId' | 'startedAt' | 'now'> & { initialization?: string },
): ServerFrameOf<'initialization_completed'> {
  const { initialization, traceId, startedAt, now } = telling;
  const elapsedMs = initialization === undefined ? 0 : Math.max(0, now - startedAt);
  return {
    type: 'initialization_completed',
    ...(initialization === undefined ? {} : { initialization }),
    traceId,
    at: now,
    elapsedMs,
    message: words.allReady(initialization === undefined ? undefined : elapsedMs),
  };
}

/** The one terminal failure of an initialization. */
export function failedFrame(
  failure: Failure,
  retryAfterMs: number | undefined,
  telling: Telling,
): ServerFrameOf<'initialization_failed'> {
  return {
    type: 'initialization_failed',
    initialization: telling.initialization,
    failure,
    retryable: failure.retryable,
    ...(failure.retryable && retryAfterMs !== undefined ? { retryAfterMs } : {}),
    traceId: telling.traceId,
    ...told(telling, words.failed(failure, failure.retryable ? retryAfterMs : undefined)),
  };
}

/** A failure as one with these roles may see it: log lines only for the roles that the entrypoint names. */
export function failureFor(failure: Failure, roles: readonly string[], logTailFor: readonly string[]): Failure {
  if (failure.logTail === undefined || roles.some((role) => logTailFor.includes(role))) return failure;
  const { logTail: _, ...rest } = failure;
  return rest;
}

/** What is still to come along the critical path, from what starts usually take; undefined while one of what is left has no history. */
export function remainingMs(plan: Plan, state: PlanState, telling: Telling): number | undefined {
  const { expectedMs } = telling;
  if (expectedMs === undefined) return undefined;
  const isLeft = ({ instance }: PlannedInstance) => state.get(instance)?.state !== 'ready';
  if (plan.instances.some((one) => isLeft(one) && expectedMs(one.service) === undefined)) return undefined;
  const left = new Map(
    plan.instances.map((one) => {
      const record = state.get(one.instance);
      const expected = expectedMs(one.service) ?? 0;
      if (record?.state === 'ready') return [one.service, 0];
      const running = record?.state === 'starting' ? telling.now - (record.timings.claimedAt ?? telling.now) : 0;
      return [one.service, Math.max(0, expected - running)];
    }),
  );
  return criticalPath(plan, (service) => left.get(service)).totalMs;
}
