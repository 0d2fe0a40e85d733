import { DriverError, type Exit } from '@reveille/orchestration';
import { outOfMemory } from '../out-of-memory.ts';
import type { ContainerStatus, Pod, Terminated } from './kube-object.ts';

/** What is passed on of the reason of an end: an eviction names each container and its use. */
const WHY_CHARACTERS = 500;

/** What a pod says of the run that it is. */
export type PodState =
  | { is: 'ended'; exit: Exit }
  | { is: 'ready' }
  /** Started, and Kubernetes says that it is not ready, by its own probes. */
  | { is: 'running' }
  /** Cannot come up by waiting. */
  | { is: 'failed'; error: DriverError }
  /** `obstacle`: what it fails with when nothing changes until its deadline. */
  | { is: 'coming'; detail: string; obstacle?: DriverError };

/** Reasons of a container that waits which do not go away by waiting, with what helps. */
const remedies: Readonly<Record<string, readonly [DriverError['code'], string]>> = {
  ImagePullBackOff: ['image_pull_failed', 'check its name, the registry and imagePullSecrets'],
  InvalidImageName: ['image_pull_failed', 'its name is no name of an image'],
  ErrImageNeverPull: ['image_pull_failed', 'its imagePullPolicy is Never, and the node does not have it'],
  CreateContainerConfigError: [
    'spawn_failed',
    'a ConfigMap or Secret that it names is missing, or its user is not allowed',
  ],
  CreateContainerError: ['spawn_failed', 'look at its command, mounts and user'],
  RunContainerError: ['command_not_found', 'its command does not exist in the image or cannot be run'],
};

/** The container that is the service: the one that `kubectl.kubernetes.io/default-container` names, else the first. */
export function containerOf(pod: Pod): string {
  return pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'] ?? pod.spec?.containers?.[0]?.name ?? '';
}

export function stateOf(pod: Pod): PodState {
  const { status = {}, metadata } = pod;
  const main = status.containerStatuses?.find(({ name }) => name === containerOf(pod));
  // A container that Kubernetes has started again is another run: what the first held in memory is gone.
  const end = main?.state?.terminated ?? main?.lastState?.terminated;
  if (end !== undefined || status.phase === 'Failed' || status.phase === 'Succeeded')
    return { is: 'ended', exit: { code: end?.exitCode ?? null, signal: null, ...whyEnded(pod, end) } };
  for (const container of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
    const stuck = stuckOf(container);
    if (stuck !== undefined) return { is: 'failed', error: stuck };
  }
  if (main?.state?.running !== undefined)
    return {
      is: status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ? 'ready' : 'running',
    };
  const scheduled = status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    const words = `no node has room for it: ${scheduled.message ?? 'the scheduler gives no reason'}`;
    return {
      is: 'coming',
      detail: words,
      obstacle: new DriverError('unschedulable', `${words}; add nodes, or lower what the pod requests`),
    };
  }
  const waiting = main?.state?.waiting;
  if (waiting?.reason === 'ErrImagePull') return pulling(waiting.message ?? '');
  return { is: 'coming', detail: `pod ${metadata.name}: ${waiting?.reason ?? status.phase ?? 'created'}` };
}

/** Why a pod ended or is gone, where that was not the doing of its program. */
export function whyEnded({ status = {} }: Pod, end?: Terminated): { why?: string } {
  const disruption = status.conditions?.find(({ type, status: is }) => type === 'DisruptionTarget' && is === 'True');
  // The pod's own reason (Evicted, NodeShutdown, DeadlineExceeded) says more than the death of its container.
  const whole = status.reason === undefined ? disruption : status;
  const said = [whole?.reason, whole?.message].filter(Boolean).join(': ');
  if (said !== '') return { why: said.length > WHY_CHARACTERS ? `${said.slice(0, WHY_CHARACTERS)}…` : said };
  if (end?.reason === 'OOMKilled') return { why: outOfMemory };
  // The service never began: with `restartPolicy: Never` that is the end of its pod.
  const init = end ? undefined : status.initContainerStatuses?.find(({ state }) => state?.terminated?.exitCode);
  return init ? { why: `its init container ${init.name} ${howEnded(init.state?.terminated)}` } : {};
}

function howEnded({ exitCode, reason }: Terminated = { exitCode: 0 }): string {
  return `ended with exit code ${exitCode}${reason === 'OOMKilled' ? ` (${outOfMemory})` : ''}`;
}

function stuckOf({ name, state, lastState }: ContainerStatus): DriverError | undefined {
  const { reason, message } = state?.waiting ?? {};
  const [code, remedy] = remedies[reason ?? ''] ?? [];
  if (code === undefined) {
    // That of the service itself has ended, which is told by its end.
    if (reason !== 'CrashLoopBackOff') return undefined;
    const last = lastState?.terminated;
    const how = last === undefined ? '' : `, last it ${howEnded(last)}`;
    const words = `the container ${name} keeps ending (CrashLoopBackOff)${how}: see its log (kubectl logs --previous -c ${name})`;
    return new DriverError('exited_early', words, last && { exitCode: last.exitCode });
  }
  const what =
    code === 'image_pull_failed'
      ? `the image of the container ${name} cannot be had`
      : `the container ${name} cannot be started`;
  return new DriverError(code, `${what} (${reason}; ${remedy}): ${message ?? 'Kubernetes gives no reason'}`);
}

function pulling(message: string): PodState {
  return {
    is: 'coming',
    detail: `its image could not be pulled, trying again: ${message}`,
    obstacle: new DriverError('image_pull_failed', `the image could not be pulled: ${message}`),
  };
}
