import { DriverError, type DriverContext } from '@reveille/orchestration';
import { raceAbort } from '@reveille/lifecycle';
import type { ApiServer } from './api-server.ts';
import { quotaWords } from './api-refusal.ts';
import type { Condition, KubeObject, Pod } from './kube-object.ts';
import { latestWarning } from './pod-events.ts';
import { type PodState, stateOf } from './pod-state.ts';
import type { PodWatch } from './pod-watch.ts';
import type { WorkloadPlan } from './workload-plan.ts';

/** Pause between looks at what no watch tells: the workload while it has no pod, events of a pod that is not ready; milliseconds. */
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
  const { api, watch, plan, runHash, context } = of;
  const { signal } = context;
  let obstacle: DriverError | undefined;
  let said = '';
  const say = (detail: string): void => {
    if (detail !== said) context.progress({ phase: 'starting', detail: detail.slice(0, 500) });
    said = detail;
  };
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
        obstacle = first?.is === 'coming' ? first.obstacle : undefined;
        if (first?.is === 'coming') say(ofSeveral(plan, states.length, first.detail));
        if (first?.is === 'running')
          say(ofSeveral(plan, states.length, 'the pod runs, its own probes say that it is not ready yet'));
        if (performance.now() - lookedAt >= LOOK_MS) {
          lookedAt = performance.now();
          const waits = states.find(({ state }) => state.is === 'running')?.pod;
          if (states.length === 0) {
            const there = await api.find({ ...plan.workload, namespace: plan.namespace, signal });
            say(whyNoPod(there, plan));
            if (plan.workload.kind === 'StatefulSet') {
              const warning = there && (await latestWarning(api, plan.namespace, there.metadata.uid ?? '', signal));
              if (warning?.startsWith('FailedCreate') === true) refuseCreation(warning, plan.namespace);
            }
          } else if (waits !== undefined) {
            const warning = await latestWarning(api, plan.namespace, waits.metadata.uid ?? '', signal);
            if (warning !== undefined) {
              say(`the pod runs, but is not ready: ${warning}`);
              obstacle = new DriverError(
                'probe_timeout',
                `its pod runs, but Kubernetes says that it is not ready: ${warning}`,
              );
            }
          }
        }
        const pause = new Promise<void>((resolve) => void setTimeout(resolve, LOOK_MS).unref());
        await raceAbort(Promise.race([next, pause]), signal);
      } finally {
        stop();
      }
    }
  } catch (error) {
    const isLate = signal.aborted && (signal.reason as Error | undefined)?.name === 'TimeoutError';
    if (isLate && obstacle !== undefined) throw obstacle;
    throw error;
  }
}

const order: readonly PodState['is'][] = ['running', 'failed', 'coming'];

function mostAdvanced(states: PodState[]): PodState | undefined {
  return order.flatMap((is) => states.filter((state) => state.is === is))[0];
}

function ofSeveral({ replicas }: WorkloadPlan, pods: number, detail: string): string {
  return replicas === 1 ? detail : `${pods} of ${replicas} pods made; ${detail}`;
}

/** @throws DriverError when the cluster refuses to make it. */
function whyNoPod(workload: KubeObject | undefined, { workload: { kind, name }, namespace }: WorkloadPlan): string {
  if (workload === undefined)
    throw new DriverError('driver_error', `the ${kind} ${namespace}/${name} was deleted while it came up`);
  const { observedGeneration, conditions = [] } = (workload.status ?? {}) as {
    observedGeneration?: number;
    conditions?: Condition[];
  };
  if ((observedGeneration ?? 0) < (workload.metadata.generation ?? 0))
    return `the cluster has not looked at the ${kind} yet`;
  const failed = conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  if (failed !== undefined) refuseCreation(failed.message ?? '', namespace);
  return `the cluster is making pods of the ${kind} ${name}`;
}

function refuseCreation(message: string, namespace: string): void {
  if (/exceeded quota/.test(message)) throw new DriverError('quota_exceeded', quotaWords(namespace, message));
  if (/is forbidden/.test(message))
    throw new DriverError(
      'forbidden_by_cluster',
      `the cluster does not allow its pods (pod security, or an admission policy): ${message}`,
    );
  throw new DriverError('spawn_failed', `the cluster cannot make its pods: ${message}`);
}

function changeOf(watch: PodWatch): { next: Promise<void>; stop: () => void } {
  const { promise: next, resolve } = Promise.withResolvers<void>();
  return { next, stop: watch.onChange(resolve) };
}
