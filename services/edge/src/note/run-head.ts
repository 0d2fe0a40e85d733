import type { InstanceKey } from '@reveille/contracts';
import { type Plan, type PlanState, remainingMs, type RunHead, type Telling } from '@reveille/orchestration';

/** What is written down of a run when it begins. */
export function runHeadOf(plan: Plan, state: PlanState, entrypoint: string, telling: Telling): RunHead {
  const promisedMs = remainingMs(plan, state, telling);
  return {
    initialization: telling.initialization,
    traceId: telling.traceId,
    entrypoint,
    target: plan.target,
    instances: plan.instances.map(({ instance, service, name, dependencies }) => ({
      ...{ instance, service, name, dependencies },
    })),
    startedAt: telling.startedAt,
    ...(promisedMs === undefined ? {} : { promisedMs: Math.round(promisedMs) }),
  };
}

/** Generations of what runs or is on its way. What is cold or failed belongs to a run before. */
export function generationsUnderWay(state: PlanState): Map<InstanceKey, number> {
  const live = [...state.values()].filter((record) => record.state !== 'cold' && record.state !== 'failed');
  return new Map(live.map(({ instance, generation }) => [instance, generation]));
}

/** Generations that a run ended with, those that failed included. */
export function generationsAtEnd(state: PlanState, initialization: string): Map<InstanceKey, number> {
  const own = [...state.values()].filter(
    (record) =>
      record.state !== 'cold' && (record.state !== 'failed' || record.origin?.initialization === initialization),
  );
  return new Map(own.map(({ instance, generation }) => [instance, generation]));
}
