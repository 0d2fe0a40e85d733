import type { KubeObject } from '../../../src/kubernetes/kube-object.ts';
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
      if (plural === 'pods' && type === 'DELETED') {
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
    for (const pod of [...going.filter((each) => !current.includes(each)), ...current.slice(replicas)])
      this.#node.deletePod(namespace, pod.metadata.name, 30);
    let failure: string | undefined;
    for (let count = current.length; count < replicas; count++) {
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
    this.#report(plural, namespace, workload, failure);
  }

  #report(plural: string, namespace: string, { metadata }: KubeObject, failure: string | undefined): void {
    const conditions =
      failure === undefined
        ? []
        : [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure }];
    const status = { observedGeneration: metadata.generation, conditions };
    const before = this.#store.get(plural, namespace, metadata.name)?.status;
    if (JSON.stringify(before) === JSON.stringify(status)) return;
    this.#store.update(plural, namespace, metadata.name, (object) => void (object.status = status));
  }
}
