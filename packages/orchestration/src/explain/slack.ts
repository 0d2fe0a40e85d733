import type { InstanceKey } from '@reveille/contracts';
import type { InstanceTimeline } from './instance-timeline.ts';
import type { RunInstance } from './run.ts';

/**
 * How much later each instance could have been ready without the target being later (critical path method, backward pass over what was
 * measured), milliseconds. Only of those that were started in the run and came to ready; those on the critical chain have the least.
 */
export function slackOf(
  instances: readonly RunInstance[],
  target: InstanceKey,
  timelines: ReadonlyMap<InstanceKey, InstanceTimeline>,
  from: number,
): Map<InstanceKey, number> {
  const readyAt = (key: InstanceKey): number | undefined => {
    const timeline = timelines.get(key);
    return timeline?.outcome === 'ready' && timeline.to > from ? timeline.to : undefined;
  };
  const latest = new Map<InstanceKey, number>();
  const end = readyAt(target);
  if (end === undefined) return new Map();
  latest.set(target, end);
  // The plan names dependencies first: from its end, whoever needs an instance has been seen before it.
  for (const { instance, dependencies } of instances.toReversed()) {
    const latestEnd = latest.get(instance);
    const ready = readyAt(instance);
    if (latestEnd === undefined || ready === undefined) continue;
    const needsReadyAt = Math.max(from, ...dependencies.map((key) => readyAt(key) ?? from));
    const latestStart = latestEnd - Math.max(0, ready - needsReadyAt);
    for (const key of dependencies) latest.set(key, Math.min(latest.get(key) ?? Number.POSITIVE_INFINITY, latestStart));
  }
  return new Map(
    [...latest].flatMap(([key, until]) => {
      const ready = readyAt(key);
      return ready === undefined ? [] : [[key, Math.max(0, until - ready)] as const];
    }),
  );
}
