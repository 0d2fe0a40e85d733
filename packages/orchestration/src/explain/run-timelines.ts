import type { InstanceKey } from '@reveille/contracts';
import type { InstanceTimeline } from './instance-timeline.ts';
import type { Phase } from './phase.ts';
import { placeOf, type Run } from './run.ts';

/**
 * What became of each instance in a run, its generations in one: an instance that was lost or stopped meanwhile was started more than once.
 * A generation that had ended before the run began does not count beside a later one, nor one that began after its end.
 * @param generations of each instance, the oldest first
 */
export function runTimelines(
  run: Run,
  generations: ReadonlyMap<InstanceKey, readonly InstanceTimeline[]>,
): Map<InstanceKey, InstanceTimeline> {
  const timelines = new Map<InstanceKey, InstanceTimeline>();
  for (const [instance, all] of generations) {
    const byItsEnd = all.filter(({ from }, at) => at === 0 || run.end === undefined || from < run.end.at);
    const inRun = byItsEnd.filter(({ to }, at) => at === byItsEnd.length - 1 || to > run.head.startedAt);
    const [first, ...later] = inRun.map((timeline) => inLine(timeline, run));
    if (first !== undefined) timelines.set(instance, later.reduce(join, first));
  }
  return timelines;
}

/** A wait for a turn says behind how many, where users were told. */
function inLine(timeline: InstanceTimeline, { positions }: Run): InstanceTimeline {
  const { instance, generation } = timeline;
  const phases = timeline.phases.map((phase) => {
    const position =
      phase.kind === 'queued' ? positions.get(placeOf({ instance, generation, attempt: phase.attempt })) : undefined;
    return position === undefined ? phase : { ...phase, detail: `behind ${position - 1}` };
  });
  return { ...timeline, phases };
}

/** What lies between two generations is a phase too: from its first end until it was wanted anew. */
function join(earlier: InstanceTimeline, later: InstanceTimeline): InstanceTimeline {
  const label = earlier.outcome === 'ready' ? 'ready, until it had to start again' : `${earlier.outcome} before`;
  const { attempt = 0 } = earlier.phases.at(-1) ?? {};
  const between: Phase = { kind: 'unattributed', label, attempt, from: earlier.to, to: later.from };
  return {
    ...later,
    spans: [...(earlier.spans ?? [earlier]), later].map(({ from, to }) => ({ from, to })),
    from: Math.min(earlier.from, later.from),
    phases: [...earlier.phases, ...(between.to > between.from ? [between] : []), ...later.phases],
    attempts: [...earlier.attempts, ...later.attempts],
    notes: [
      ...earlier.notes,
      `it was ${earlier.outcome} and started again (generation ${later.generation})`,
      ...later.notes,
    ],
  };
}
