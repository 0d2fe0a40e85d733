import type { InstanceKey, ServiceName } from '@reveille/contracts';
import { blameOf, type Blame } from './blame.ts';
import { type ChainSegment, criticalChain } from './critical-chain.ts';
import { endBefore, type InstanceTimeline, type TimelineAttempt } from './instance-timeline.ts';
import { lengthOf, type Phase, type PhaseKind } from './phase.ts';
import type { Run, RunInstance, RunWait } from './run.ts';
import { runTimelines } from './run-timelines.ts';
import { slackOf } from './slack.ts';

/** One service of the plan in a run. Times are epoch ms of the ledger. */
export type ExplainedService = {
  service: ServiceName;
  instance: InstanceKey;
  name: string;
  dependsOn: ServiceName[];
  generation?: number;
  /** `warm`: it was ready before. `unknown`: nothing is kept of it. */
  outcome: InstanceTimeline['outcome'] | 'warm' | 'unknown';
  phases: Phase[];
  attempts: TimelineAttempt[];
  onChain: boolean;
  slackMs?: number;
  failure?: { code: string; message: string };
  notes: string[];
};

/** Where the time of one initialization went. */
export type Explanation = {
  initialization: string;
  traceId: string;
  /** The root span of the live trace, where that is known. */
  traceparent?: string;
  entrypoint: string;
  from: number;
  to: number;
  totalMs: number;
  outcome: 'ready' | 'failed' | 'left' | 'under_way';
  /** As it was told at the end: `ready`, a failure code. */
  ended?: string;
  /** Of a failure: the code that the user was told, whose wait is explained. */
  code?: string;
  target: ServiceName;
  services: ExplainedService[];
  /** Adds up to `totalMs`. */
  chain: ChainSegment[];
  /** Shares of the chain, the largest first. */
  blame: Blame[];
  queueMs: number;
  /** Work of services and drivers on the chain: all but queue, back-off and what nothing explains. */
  workMs: number;
  unattributedMs: number;
  promisedMs?: number;
  waits: RunWait[];
  unlisted: number;
};

type Timelines = ReadonlyMap<InstanceKey, InstanceTimeline>;

const work: ReadonlySet<PhaseKind> = new Set(['starting', 'reported', 'probing', 'connecting']);

/**
 * @param generations timelines of the generations that the run was about, by instance, the oldest first
 * @param of whose wait it is that is explained; by default the first that is listed and was told an end
 */
export function explain(
  run: Run,
  generations: ReadonlyMap<InstanceKey, readonly InstanceTimeline[]>,
  now: number,
  of?: RunWait,
): Explanation {
  const { head } = run;
  // Whoever came later waited from then on.
  const from = Math.max(head.startedAt, of?.from ?? 0);
  const timelines = runTimelines(run, generations);
  const target = timelines.get(head.target);
  const wait = of ?? run.waits.find(({ outcome }) => outcome !== undefined && !leaving.has(outcome)) ?? run.waits[0];
  const connectedAt = wait?.outcome === 'connected' ? wait.to : undefined;
  // Who was told of a failure waited until then, though the plan may have been ready before.
  const code = failureOf(run, wait);
  const failedAt = code === undefined || wait?.outcome !== code ? undefined : wait.to;
  const to = Math.max(from, connectedAt ?? failedAt ?? run.end?.at ?? endOf(target) ?? wait?.to ?? now);
  const chain = chainOf(run, timelines, { from, to, connectedAt: connectedAt ?? failedAt });
  const sum = (kinds: (kind: PhaseKind) => boolean): number =>
    chain.reduce((ms, segment) => ms + (kinds(segment.kind) ? lengthOf(segment) : 0), 0);
  const outcome = code === undefined ? outcomeOf(run, target, connectedAt) : 'failed';
  return {
    initialization: head.initialization,
    traceId: head.traceId,
    ...(head.traceparent === undefined ? {} : { traceparent: head.traceparent }),
    entrypoint: head.entrypoint,
    ...{ from, to, totalMs: to - from, outcome, chain, blame: blameOf(chain) },
    ...(run.end === undefined ? {} : { ended: run.end.outcome }),
    ...(code === undefined ? {} : { code }),
    target: head.instances.find(({ instance }) => instance === head.target)?.service ?? ('' as ServiceName),
    services: servicesOf(run, timelines, { chain, from }),
    queueMs: sum((kind) => kind === 'queued'),
    workMs: sum((kind) => work.has(kind)),
    unattributedMs: sum((kind) => kind === 'unattributed'),
    ...(head.promisedMs === undefined || from > head.startedAt ? {} : { promisedMs: head.promisedMs }),
    waits: run.waits,
    unlisted: run.unlisted,
  };
}

/** A wait for others says for whom: the dependencies that became ready after it began, or did not. */
function forWhom<P extends Phase>(phase: P, planned: RunInstance, run: Run, timelines: Timelines): P {
  if (phase.kind !== 'waiting') return phase;
  const late = run.head.instances.filter(({ instance }) => {
    const timeline = planned.dependencies.includes(instance) ? timelines.get(instance) : undefined;
    return timeline !== undefined && (timeline.outcome !== 'ready' || endBefore(timeline, phase.to) > phase.from);
  });
  return late.length === 0 ? phase : { ...phase, detail: listed(late.map(({ name }) => name)) };
}

/** "A", "A and B", "A, B and C". */
export function listed(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' and ');
}

function endOf(timeline: InstanceTimeline | undefined): number | undefined {
  return timeline === undefined || timeline.outcome === 'under_way' ? undefined : timeline.to;
}

/** The chain to the ready target, and from there to the connection of the user, or to the failure to open it. */
function chainOf(
  { head }: Run,
  timelines: ReadonlyMap<InstanceKey, InstanceTimeline>,
  { from, to, connectedAt }: { from: number; to: number; connectedAt: number | undefined },
): ChainSegment[] {
  const target = head.instances.find(({ instance }) => instance === head.target);
  const timeline = timelines.get(head.target);
  if (target === undefined || connectedAt === undefined || timeline?.outcome !== 'ready')
    return criticalChain(head.instances, head.target, timelines, { from, to });
  const readyAt = Math.min(to, Math.max(from, timeline.to));
  const chain = criticalChain(head.instances, head.target, timelines, { from, to: readyAt });
  if (readyAt === to) return chain;
  const { instance, service, name } = target;
  return [
    ...chain,
    { kind: 'connecting', label: 'connecting', attempt: 0, from: readyAt, to, ...{ instance, service, name } },
  ];
}

/** Ends of a wait that the user chose: nothing was told. */
const leaving: ReadonlySet<string> = new Set(['left', 'cancelled']);
/** Ends that are no failure. */
const peaceful: ReadonlySet<string> = new Set([...leaving, 'ready', 'connected', 'abandoned']);

/** The code that the user was told, whatever became of the start; else the one that the run ended with. */
function failureOf({ end }: Run, wait: RunWait | undefined): string | undefined {
  const own = wait?.outcome;
  const told = own === undefined || leaving.has(own) ? end?.outcome : own;
  return told === undefined || peaceful.has(told) ? undefined : told;
}

function outcomeOf(run: Run, target: InstanceTimeline | undefined, connectedAt: number | undefined) {
  const ended = run.end?.outcome;
  if (connectedAt !== undefined || ended === 'ready') return 'ready';
  if (ended === 'abandoned') return 'left';
  if (ended !== undefined || target?.outcome === 'failed') return 'failed';
  if (target?.outcome === 'ready') return 'ready';
  return target?.outcome === 'cancelled' ? 'left' : 'under_way';
}

function servicesOf(
  run: Run,
  timelines: ReadonlyMap<InstanceKey, InstanceTimeline>,
  { chain, from }: { chain: readonly ChainSegment[]; from: number },
): ExplainedService[] {
  const { head } = run;
  const slack = slackOf(head.instances, head.target, timelines, from);
  const onChain = new Set(chain.map(({ instance }) => instance));
  const nameOf = new Map(head.instances.map(({ instance, service }) => [instance, service]));
  return head.instances.map((planned: RunInstance): ExplainedService => {
    const { instance, service, name, dependencies } = planned;
    const timeline = timelines.get(instance);
    const generation = timeline?.generation ?? run.generations.get(instance)?.at(-1);
    const isWarm = timeline?.outcome === 'ready' && timeline.to <= from;
    const slackMs = slack.get(instance);
    const failure = timeline?.failure;
    return {
      ...{ service, instance, name, dependsOn: dependencies.flatMap((key) => nameOf.get(key) ?? []) },
      ...(generation === undefined ? {} : { generation }),
      outcome: isWarm ? 'warm' : (timeline?.outcome ?? 'unknown'),
      phases: isWarm ? [] : (timeline?.phases ?? []).map((phase) => forWhom(phase, planned, run, timelines)),
      attempts: isWarm ? [] : (timeline?.attempts ?? []),
      onChain: onChain.has(instance),
      ...(slackMs === undefined || isWarm ? {} : { slackMs }),
      ...(failure === undefined || isWarm ? {} : { failure: { code: failure.code, message: failure.message } }),
      notes: timeline?.notes ?? [],
    };
  });
}
