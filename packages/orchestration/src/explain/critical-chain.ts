import type { InstanceKey, ServiceName } from '@reveille/contracts';
import { endBefore, type InstanceTimeline } from './instance-timeline.ts';
import { clip, type Phase } from './phase.ts';
import type { RunInstance } from './run.ts';

/** A piece of the time that users waited, and what it was spent on. */
export type ChainSegment = Phase & { instance: InstanceKey; service: ServiceName; name: string };

export type RunSpan = { from: number; to: number };

/**
 * What decided how long a run took: from its end back, at each instance what it was doing, and where it waited for others what the
 * one of them was doing that came last. The segments follow one another without gap or overlap, so that they add up to the run.
 * Where several came at once the first of the plan is taken.
 */
export function criticalChain(
  instances: readonly RunInstance[],
  target: InstanceKey,
  timelines: ReadonlyMap<InstanceKey, InstanceTimeline>,
  { from, to }: RunSpan,
): ChainSegment[] {
  const byKey = new Map(instances.map((one) => [one.instance, one]));
  const chain: ChainSegment[] = [];
  let at = to;
  const push = (of: RunInstance, phase: Phase | undefined): void => {
    if (phase !== undefined) chain.push({ ...phase, instance: of.instance, service: of.service, name: of.name });
  };
  const fill = (of: RunInstance, until: number, label: string): void => {
    push(of, clip({ kind: 'unattributed', label, attempt: 0, from: until, to: at }, from, at));
    at = Math.min(at, Math.max(from, until));
  };

  const start = byKey.get(target);
  if (start === undefined) return [];
  let current: RunInstance = start;
  // Each turn of the outer loop goes one dependency down: a plan has no cycles, so that it ends.
  walk: for (;;) {
    const timeline = timelines.get(current.instance);
    for (const phase of timeline?.phases.toReversed() ?? []) {
      if (at <= from) break walk;
      if (phase.from >= at) continue;
      if (phase.to < at) fill(current, phase.to, 'between two steps');
      if (phase.kind !== 'waiting') {
        push(current, clip(phase, from, at));
        at = Math.max(from, phase.from);
        continue;
      }
      const last = lastToCome(current, { from: Math.max(from, phase.from), to: at }, byKey, timelines);
      if (last === undefined) {
        fill(current, phase.from, 'all it needs is ready');
        continue;
      }
      fill(current, last.at, `after ${last.instance.name} was ready`);
      current = last.instance;
      continue walk;
    }
    break;
  }
  if (at > from)
    fill(current, from, timelines.has(current.instance) ? 'before it was wanted' : 'nothing is kept of it');
  return chain.toReversed();
}

/** Which dependency came last in a wait. One that had not come by its end is what was being waited for. */
function lastToCome(
  of: RunInstance,
  wait: RunSpan,
  byKey: ReadonlyMap<InstanceKey, RunInstance>,
  timelines: ReadonlyMap<InstanceKey, InstanceTimeline>,
): { instance: RunInstance; at: number } | undefined {
  let last: { instance: RunInstance; at: number } | undefined;
  for (const key of of.dependencies) {
    const instance = byKey.get(key);
    const timeline = timelines.get(key);
    if (instance === undefined || timeline === undefined) continue;
    const at = Math.min(endBefore(timeline, wait.to), wait.to);
    if (at > wait.from && (last === undefined || at > last.at)) last = { instance, at };
  }
  return last;
}
