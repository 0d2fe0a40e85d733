import type { InstanceKey, ServiceName } from '@reveille/contracts';
import type { Plan, PlannedInstance } from './plan.ts';

/** When a service is expected to begin and to be ready, in milliseconds after the start of the plan. */
export type ExpectedSpan = { startMs: number; finishMs: number };

export type CriticalPath = {
  /** Expected time until the target is ready, in milliseconds. */
  totalMs: number;
  /** The instances that decide it, first to last. Ends with the target. */
  path: InstanceKey[];
  /** A plan holds each service once, so that its name is enough. */
  perService: ReadonlyMap<ServiceName, ExpectedSpan>;
  /** Services without an expectation. They count as 0 ms: while there are any, `totalMs` is a lower bound. */
  unknown: ServiceName[];
};

/**
 * Longest path through the plan when every instance starts as soon as its dependencies are ready.
 * `expectedMs` answers how long one service takes (≥ 0), or undefined where nobody knows; pass 0 for one that is ready already.
 */
export function criticalPath(plan: Plan, expectedMs: (service: ServiceName) => number | undefined): CriticalPath {
  const spans = new Map<InstanceKey, ExpectedSpan & { after: InstanceKey | undefined }>();
  const perService = new Map<ServiceName, ExpectedSpan>();
  const unknown: ServiceName[] = [];
  for (const { instance, service, dependencies } of plan.instances) {
    let startMs = 0;
    let after: InstanceKey | undefined;
    for (const dependency of dependencies) {
      const finishMs = spans.get(dependency)?.finishMs ?? 0;
      if (after === undefined || finishMs > startMs) {
        startMs = finishMs;
        after = dependency;
      }
    }
    const takesMs = expectedMs(service);
    if (takesMs === undefined) unknown.push(service);
    const finishMs = startMs + Math.max(0, takesMs ?? 0);
    spans.set(instance, { startMs, finishMs, after });
    perService.set(service, { startMs, finishMs });
  }

  const path: InstanceKey[] = [];
  for (let at: InstanceKey | undefined = plan.target; at !== undefined; at = spans.get(at)?.after) path.unshift(at);
  return { totalMs: spans.get(plan.target)?.finishMs ?? 0, path, perService, unknown };
}

/** The plan in rows: row n can be started when the rows before it are ready. */
export function levels(plan: Plan): PlannedInstance[][] {
  const rows: PlannedInstance[][] = [];
  for (const planned of plan.instances) (rows[planned.level] ??= []).push(planned);
  return rows;
}
