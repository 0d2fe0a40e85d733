import { DriverError } from '@reveille/orchestration';
import type { Condition, KubeObject } from './kube-object.ts';
import type { WorkloadPlan } from './workload-plan.ts';

/** What the status of a workload says of a change of its pods; nothing when none is under way. */
export type Rollout = {
  detail?: string;
  /** The cluster waits no longer for it to get on, which it does not end: pods may become ready still. */
  stuck?: DriverError;
};

type Status = {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  conditions?: Condition[];
};

/** Somebody else rolls a workload (`kubectl set image`, a release) while a run of it comes up: its pods are replaced one after the other. */
export function rolloutOf(
  { metadata, spec, status }: KubeObject,
  { workload, replicas: asked }: WorkloadPlan,
): Rollout {
  const {
    observedGeneration = 0,
    replicas = 0,
    updatedReplicas = 0,
    readyReplicas = 0,
    conditions = [],
  } = (status ?? {}) as Status;
  // What was said before the last change is about what is no more.
  if (observedGeneration < (metadata.generation ?? 0)) return {};
  const wanted = (spec?.['replicas'] as number | undefined) ?? asked;
  const isUnderWay = updatedReplicas < replicas;
  const progress = `${updatedReplicas} of ${wanted} pods are of the new version, ${readyReplicas} ready`;
  const gaveUp = conditions.find(
    ({ type, status: is, reason }) => type === 'Progressing' && is === 'False' && reason === 'ProgressDeadlineExceeded',
  );
  if (gaveUp === undefined) return isUnderWay ? { detail: `rolling out: ${progress}` } : {};
  const words = `the ${workload.kind} ${workload.name} made no progress within its progressDeadlineSeconds (${progress}): ${gaveUp.message ?? 'ProgressDeadlineExceeded'}`;
  return { detail: words, stuck: new DriverError('probe_timeout', words) };
}
