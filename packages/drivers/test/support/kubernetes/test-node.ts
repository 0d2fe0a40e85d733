import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import type { ContainerStatus, KubeObject, Pod } from '../../../src/kubernetes/kube-object.ts';
import type { ObjectStore } from './object-store.ts';
import type { PodLog } from './pod-log.ts';

type Container = {
  name: string;
  image: string;
  command?: string[];
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[];
  envFrom?: { secretRef: { name: string } }[];
  readinessProbe?: object;
};

/** How a kubelet ends a pod: its container for its memory, or all of it for a reason. */
type TestEnd = 'OOMKilled' | { reason: string; message: string };

/**
 * A kubelet and a scheduler: runs each pod's first container as a process with an address of its own. Images say what goes wrong:
 * `missing`, `huge` (no node), `unready` (a failing probe); any other runs.
 */
export class TestNode {
  readonly logs = new Map<string, PodLog>();
  readonly #store: ObjectStore;
  readonly #children = new Map<string, ChildProcess>();
  readonly #net = `127.${randomInt(64, 250)}.${randomInt(1, 250)}`;
  readonly #ends = new Map<string, TestEnd>();
  #addresses = 0;
  #isGone = false;
  /** The node does not answer: nothing on it ends, and nobody says that it has. */
  isLost = false;

  constructor(store: ObjectStore) {
    this.#store = store;
    store.onEvent(({ type, plural, namespace, object }) => {
      if (plural === 'pods' && type === 'ADDED') setImmediate(() => this.#run(namespace, object));
      // Deleted by force: what still runs of it ends.
      if (plural === 'pods' && type === 'DELETED') this.#children.get(object.metadata.uid ?? '')?.kill('SIGKILL');
    });
  }

  /** As the API does: asks the pod to end, and removes it when it has. */
  deletePod(namespace: string, name: string, graceS: number): void {
    const pod = this.#store.update('pods', namespace, name, ({ metadata }) => {
      metadata.deletionTimestamp ??= new Date().toISOString();
    });
    const child = this.#children.get(pod?.metadata.uid ?? '');
    if (this.isLost) return;
    if (child === undefined) return this.#store.delete('pods', namespace, name);
    child.once('exit', () => this.#store.delete('pods', namespace, name));
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), graceS * 1000).unref();
  }

  /** Ends the pod by force, and says why. */
  kill(namespace: string, name: string, how: TestEnd): void {
    const uid = this.#store.get('pods', namespace, name)?.metadata.uid ?? '';
    this.#ends.set(uid, how);
    this.#children.get(uid)?.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A pod that was made in this very moment is not begun any more: nobody would end it.
    this.#isGone = true;
    // Of some that have ended the last words are still to be read.
    const running = [...this.#children.values()].filter((child) => (child.exitCode ?? child.signalCode) === null);
    const ends = running.map((child) => new Promise((ended) => child.once('exit', ended)));
    for (const child of running) child.kill('SIGKILL');
    await Promise.all(ends);
  }

  #run(namespace: string, { metadata: { name, uid = '' }, spec }: KubeObject): void {
    const [container] = (spec?.['containers'] ?? []) as Container[];
    if (this.#isGone || container === undefined || this.#store.get('pods', namespace, name) === undefined) return;
    const waiting = (reason: string, message: string): void =>
      this.#status(namespace, name, 'Pending', { name: container.name, state: { waiting: { reason, message } } });
    switch (container.image) {
      case 'missing':
        waiting('ErrImagePull', 'manifest unknown');
        setTimeout(() => waiting('ImagePullBackOff', 'Back-off pulling image "missing": manifest unknown'), 50).unref();
        return;
      case 'huge': {
        const message = '0/3 nodes are available: 3 Insufficient memory.';
        const unschedulable = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
        this.#store.update(
          'pods',
          namespace,
          name,
          (pod) => void (pod.status = { phase: 'Pending', conditions: [unschedulable] }),
        );
        return;
      }
      default:
        this.#spawn(namespace, name, uid, container, spec?.['restartPolicy'] !== 'Never');
    }
  }

  #spawn(namespace: string, name: string, uid: string, main: Container, isRestarted: boolean): void {
    const secrets = (main.envFrom ?? []).map(
      ({ secretRef }) => this.#store.get('secrets', namespace, secretRef.name)?.data,
    );
    const address = this.#address();
    const env = Object.assign(
      { PATH: process.env['PATH'], POD_IP: address },
      ...secrets.map(decoded),
    ) as NodeJS.ProcessEnv;
    for (const { name: variable, value, valueFrom: from } of main.env ?? []) {
      const secret = from && this.#store.get('secrets', namespace, from.secretKeyRef.name);
      env[variable] = from === undefined ? value : decoded(secret?.data)[from.secretKeyRef.key];
    }
    const [program = 'false', ...args] = main.command ?? [];
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const log: PodLog = { text: '', ended: false, listeners: new Set() };
    this.logs.set(`${namespace}/${name}`, log);
    const heard = (): void => [...log.listeners].forEach((listener) => listener());
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        log.text += chunk.toString();
        heard();
      });
    this.#children.set(uid, child);
    const ready = main.image !== 'unready';
    this.#status(namespace, name, 'Running', { name: main.name, ready, state: { running: {} } }, { podIP: address });
    if (!ready)
      this.#warn(namespace, uid, 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 500');
    child.once('close', (code) => {
      this.#children.delete(uid);
      log.ended = true;
      heard();
      const how = this.#ends.get(uid);
      const reason = code === 0 ? 'Completed' : 'Error';
      const terminated = { exitCode: code ?? 137, reason: how === 'OOMKilled' ? how : reason };
      const container = { name: main.name, state: { terminated } };
      if (typeof how === 'object')
        return this.#status(namespace, name, 'Failed', container, { podIP: address, ...how });
      this.#status(namespace, name, 'Running', container, { podIP: address });
      if (!isRestarted) return;
      const state = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' } };
      this.#status(
        namespace,
        name,
        'Running',
        { name: main.name, state, lastState: { terminated }, restartCount: 1 },
        { podIP: address },
      );
    });
  }

  #status(namespace: string, name: string, phase: string, container: ContainerStatus, more: Pod['status'] = {}): void {
    this.#store.update('pods', namespace, name, (object) => {
      const pod = object as Pod;
      const conditions = [{ type: 'Ready', status: container.ready === true ? 'True' : 'False' }];
      pod.status = { phase, conditions, containerStatuses: [container], ...more };
    });
  }

  #warn(namespace: string, uid: string, reason: string, message: string): void {
    const said = { involvedObject: { uid }, type: 'Warning', reason, message, lastTimestamp: new Date().toISOString() };
    this.#store.create('events', namespace, { metadata: { name: `event-${uid}` }, ...said } as KubeObject);
  }

  /** All of 127/8 is this host, so that pods may listen on one port. */
  #address(): string {
    this.#addresses += 1;
    return `${this.#net}.${this.#addresses}`;
  }
}

function decoded(data: Record<string, string> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([name, value]) => [name, Buffer.from(value, 'base64').toString()]),
  );
}
