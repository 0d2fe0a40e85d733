import type { DriverContext, DriverError } from '@reveille/orchestration';
import { raceAbort } from '@reveille/lifecycle';
import { type ApiServer, inWords, isAway } from './api-server.ts';
import type { Pod } from './kube-object.ts';
import { type Further, lookBehind, lookForPods } from './look-further.ts';
import { awayWords, isLate } from './persist.ts';
import { type PodState, stateOf } from './pod-state.ts';
import type { PodWatch } from './pod-watch.ts';
import type { WorkloadPlan } from './workload-plan.ts';

/** Pause between looks at what no watch tells: the workload, events of a pod that is not ready; milliseconds. */
const LOOK_MS = 1000;

/**
 * Waits for a pod of the run that Kubernetes calls ready, or that has ended; says meanwhile what it waits for.
 * @throws DriverError for what waiting does not mend; at the attempt's deadline, for what stood in the way.
 */
export async function awaitPod(of: {
  api: ApiServer;
  watch: PodWatch;
  plan: WorkloadPlan;
  runHash: string;
  context: Pick<DriverContext, 'signal' | 'progress'>;
}): Promise<Pod> {
  const { watch, plan, runHash, context } = of;
  const { signal } = context;
  let obstacle: DriverError | undefined;
  let said = '';
  const say = (detail: string): void => {
    if (detail !== '' && detail !== said) context.progress({ phase: 'starting', detail: detail.slice(0, 500) });
    said = detail;
  };
  /** What the last look told, of pods that were in this state. */
  let told: { of: string; further: Further } | undefined;
  try {
    for (let lookedAt = performance.now(); ;) {
      const { next, stop } = changeOf(watch);
      try {
        const pods = watch.pods(runHash).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
        const states = pods.map((pod) => ({ pod, state: stateOf(pod) }));
        const up = states.find(({ state }) => state.is === 'ready');
        if (up !== undefined) return up.pod;
        const ended = states.find(({ state }) => state.is === 'ended');
        // With several, one that ends is replaced by Kubernetes while others come up.
        if (ended !== undefined && states.every(({ state }) => state.is === 'ended')) return ended.pod;
        const first = mostAdvanced(states.map(({ state }) => state));
        if (first?.is === 'failed') throw first.error;
        const now = first?.is ?? 'none';
        if (performance.now() - lookedAt >= LOOK_MS) {
          lookedAt = performance.now();
          const waits = states.find(({ state }) => state.is === 'running')?.pod;
          const look = { ...of, signal };
          const further = (first === undefined ? lookForPods(look) : lookBehind(look, waits)).catch(goOnWhileAway);
          told = { of: now, further: await further };
        }
        const further = told?.of === now ? told.further : {};
        obstacle = (first?.is === 'coming' ? first.obstacle : undefined) ?? further.obstacle;
        say(wordsOf(plan, states.length, first, further));
        const leftMs = Math.max(0, lookedAt + LOOK_MS - performance.now());
        const pause = new Promise<void>((resolve) => void setTimeout(resolve, leftMs).unref());
        await raceAbort(Promise.race([next, pause]), signal);
      } finally {
        stop();
      }
    }
  } catch (error) {
    if (isLate(signal) && obstacle !== undefined) throw obstacle;
    throw error;
  }
}

/** What has been asked for is made without us; the watch tells of it when the server is back. */
function goOnWhileAway(error: unknown): Further {
  if (!isAway(error)) throw error;
  return { detail: awayWords, obstacle: inWords(error) as DriverError };
}

const order: readonly PodState['is'][] = ['running', 'failed', 'coming'];

function mostAdvanced(states: PodState[]): PodState | undefined {
  return order.flatMap((is) => states.filter((state) => state.is === is))[0];
}

function wordsOf({ replicas }: WorkloadPlan, pods: number, first: PodState | undefined, further: Further): string {
  const detail = further.detail ?? detailOf(first);
  if (detail === awayWords) return detail;
  if (further.rollout !== undefined) return [further.rollout, detail].filter(Boolean).join('; ');
  return replicas === 1 || first === undefined ? detail : `${pods} of ${replicas} pods made; ${detail}`;
}

function detailOf(first: PodState | undefined): string {
  if (first?.is === 'coming') return first.detail;
  return first?.is === 'running' ? 'the pod runs, its own probes say that it is not ready yet' : '';
}

function changeOf(watch: PodWatch): { next: Promise<void>; stop: () => void } {
  const { promise: next, resolve } = Promise.withResolvers<void>();
  return { next, stop: watch.onChange(resolve) };
}
