import type { Condition, KubeObject } from '../../../src/kubernetes/kube-object.ts';
import type { ObjectStore } from './object-store.ts';
import type { TestNode } from './test-node.ts';

type WorkloadSpec = {
  replicas?: number;
  template: { metadata?: { labels?: Record<string, string> }; spec: Record<string, unknown> };
};

/** The controllers of Deployments and StatefulSets: as many pods as wanted, of the template as it is. No pods over `quota`. */
export class TestControllers {
  readonly #store: ObjectStore;
  readonly #node: TestNode;
  #names = 0;
  quota = Infinity;
  /** A rollout makes one new pod at a time and waits until it is ready, as with `maxSurge: 1` and `maxUnavailable: 0`. */
  isCareful = false;
  /** What is said of a rollout that made no progress for too long. */
  stalled: string | undefined;

  constructor(store: ObjectStore, node: TestNode) {
    this.#store = store;
    this.#node = node;
    store.onEvent(({ type, plural, namespace, object }) => {
      if (plural === 'deployments' || plural === 'statefulsets')
        setImmediate(() =>
          type === 'DELETED'
            ? this.#clear(namespace, object)
            : this.#reconcile(plural, namespace, object.metadata.name),
        );
      if (plural === 'pods' && type !== 'ADDED') {
        const [ownerPlural, name] = (object.metadata.annotations?.['owner'] ?? '').split('/') as [string, string];
        setImmediate(() => this.#reconcile(ownerPlural, namespace, name));
      }
    });
  }

  #podsOf(namespace: string, uid: string | undefined): KubeObject[] {
    return this.#store.list('pods', namespace).filter(({ metadata }) => metadata.annotations?.['owner-uid'] === uid);
  }

  #clear(namespace: string, { metadata }: KubeObject): void {
    for (const pod of this.#podsOf(namespace, metadata.uid)) this.#node.deletePod(namespace, pod.metadata.name, 30);
  }

  #reconcile(plural: string, namespace: string, name: string): void {
    const workload = this.#store.get(plural, namespace, name);
    if (workload === undefined) return;
    const { replicas = 1, template } = workload.spec as unknown as WorkloadSpec;
    const revision = JSON.stringify(template);
    const going = this.#podsOf(namespace, workload.metadata.uid).filter(
      ({ metadata }) => metadata.deletionTimestamp === undefined,
    );
    const current = going.filter(({ metadata }) => metadata.annotations?.['revision'] === revision);
    const older = going.filter((each) => !current.includes(each));
    const isWaiting = this.isCareful && older.length > 0;
    const wanted = isWaiting ? Math.min(replicas, current.filter(isReady).length + 1) : replicas;
    const surplus = isWaiting ? older.slice(replicas - current.filter(isReady).length) : older;
    for (const pod of [...surplus, ...current.slice(replicas)]) this.#node.deletePod(namespace, pod.metadata.name, 30);
    let failure: string | undefined;
    for (let count = current.length; count < wanted; count++) {
      if (this.#store.list('pods', namespace).length >= this.quota) {
        failure = `pods "${name}-x" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=${this.quota}, limited: pods=${this.quota}`;
        break;
      }
      this.#names += 1;
      const labels = template.metadata?.labels ?? {};
      const annotations = { owner: `${plural}/${name}`, 'owner-uid': workload.metadata.uid ?? '', revision };
      const metadata = { name: `${name}-${this.#names}`, labels, annotations };
      this.#store.create('pods', namespace, { metadata, spec: template.spec });
    }
    this.#report(plural, namespace, workload, { revision, ...(failure && { failure }) });
  }

  #report(
    plural: string,
    namespace: string,
    { metadata }: KubeObject,
    of: { revision: string; failure?: string },
  ): void {
    const pods = this.#podsOf(namespace, metadata.uid);
    const updated = pods.filter((pod) => pod.metadata.annotations?.['revision'] === of.revision);
    const conditions: Condition[] = [];
    if (of.failure !== undefined)
      conditions.push({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: of.failure });
    if (this.stalled !== undefined) {
      const reason = 'ProgressDeadlineExceeded';
      conditions.push({ type: 'Progressing', status: 'False', reason, message: this.stalled });
    }
    const counts = {
      replicas: pods.length,
      updatedReplicas: updated.length,
      readyReplicas: pods.filter(isReady).length,
    };
    const status = { observedGeneration: metadata.generation, ...counts, conditions };
    const before = this.#store.get(plural, namespace, metadata.name)?.status;
    if (JSON.stringify(before) === JSON.stringify(status)) return;
    this.#store.update(plural, namespace, metadata.name, (object) => void (object.status = status));
  }
}

function isReady({ status }: KubeObject): boolean {
  const conditions = (status?.['conditions'] ?? []) as Condition[];
  return conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
}
