import { DriverError } from '@reveille/orchestration';
import type { ApiServer } from './api-server.ts';
import { isStatus, quotaWords } from './api-refusal.ts';
import type { Condition, KubeObject, Pod } from './kube-object.ts';
import { latestWarning } from './pod-events.ts';
import { rolloutOf } from './rollout.ts';
import type { WorkloadPlan } from './workload-plan.ts';

/** What a look beyond the pods told. */
export type Further = {
  /** Of a rollout by others, said before all else. */
  rollout?: string;
  /** In place of what the pods themselves say. */
  detail?: string;
  /** What a start fails with when nothing changes until its deadline. */
  obstacle?: DriverError;
};

type Look = { api: ApiServer; plan: WorkloadPlan; signal: AbortSignal };

/** Why there is no pod. @throws DriverError when the cluster refuses to make it. */
export async function lookForPods({ api, plan, signal }: Look): Promise<Further> {
  const { workload, namespace } = plan;
  const there = await api.find({ ...workload, namespace, signal });
  const detail = whyNoPod(there, plan);
  if (workload.kind === 'StatefulSet') {
    const warning = there && (await latestWarning(api, namespace, there.metadata.uid ?? '', signal));
    if (warning?.startsWith('FailedCreate') === true) refuseCreation(warning, namespace);
  }
  return { detail };
}

/** Whether others roll the workload, and what Kubernetes says of the pod that runs and is not ready, if there is one. */
export async function lookBehind({ api, plan, signal }: Look, waits: Pod | undefined): Promise<Further> {
  const { workload, namespace } = plan;
  const there = workload.kind === 'Pod' ? undefined : await explaining(api.find({ ...workload, namespace, signal }));
  const { detail: rollout, stuck } = there === undefined ? {} : rolloutOf(there, plan);
  const warning = waits && (await explaining(latestWarning(api, namespace, waits.metadata.uid ?? '', signal)));
  const words = warning && `its pod runs, but Kubernetes says that it is not ready: ${warning}`;
  const all = [words, stuck?.message].filter(Boolean).join('; ');
  return {
    ...(rollout === undefined ? {} : { rollout }),
    ...(warning === undefined ? {} : { detail: `the pod runs, but is not ready: ${warning}` }),
    ...(all === '' ? {} : { obstacle: new DriverError('probe_timeout', all) }),
  };
}

/** Who may not read it gets less of an explanation. */
async function explaining<T>(read: Promise<T>): Promise<T | undefined> {
  return read.catch((error: unknown) => {
    if (isStatus(error, 403)) return undefined;
    throw error;
  });
}

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
