import type { KubeObject } from '../../../../src/kubernetes/kube-object.ts';
import { ObjectStore, type StoreEvent } from '../object-store.ts';
import type { AdminClient } from './admin-client.ts';
import { nodeName } from './control-plane.ts';

const watched = ['deployments', 'statefulsets', 'pods'] as const;
const ofApps = new Set(['deployments', 'statefulsets']);

type Spec = { template?: { metadata?: { labels?: Record<string, string> } }; nodeName?: string };

/**
 * One namespace of a real API server, as the controllers and the node of the tests see it. What they change is sent there, one change of
 * an object after another; what happened is told when the server has told it.
 */
export class RemoteStore extends ObjectStore implements AsyncDisposable {
  readonly #admin: AdminClient;
  readonly #namespace: string;
  readonly #known = new Map<string, KubeObject>();
  readonly #listeners = new Set<(event: StoreEvent) => void>();
  readonly #writes = new Map<string, Promise<unknown>>();
  readonly #over = new AbortController();
  readonly #watches: Promise<void>[] = [];

  constructor(admin: AdminClient, namespace: string) {
    super();
    this.#admin = admin;
    this.#namespace = namespace;
    for (const plural of watched) this.#watches.push(this.#watch(plural));
  }

  override get(plural: string, _: string, name: string): KubeObject | undefined {
    const found = this.#known.get(`${plural}/${name}`);
    return found && structuredClone(found);
  }

  override list(plural: string): KubeObject[] {
    return [...this.#known].flatMap(([key, object]) => (key.startsWith(`${plural}/`) ? [structuredClone(object)] : []));
  }

  override create(plural: string, _: string, given: KubeObject & { involvedObject?: object }): KubeObject {
    const object = structuredClone(given);
    const spec = (object.spec ?? {}) as Spec;
    if (plural === 'pods') spec.nodeName = nodeName;
    if (ofApps.has(plural))
      Object.assign(spec, { selector: { matchLabels: spec.template?.metadata?.labels }, serviceName: 'none' });
    if (object.involvedObject !== undefined) Object.assign(object.involvedObject, { namespace: this.#namespace });
    // Counted at once by whoever makes as many as there should be.
    this.#known.set(`${plural}/${object.metadata.name}`, object);
    this.#write(plural, object.metadata.name, () => this.#admin.call('POST', this.#path(plural), object));
    return object;
  }

  override update(
    plural: string,
    namespace: string,
    name: string,
    change: (object: KubeObject) => KubeObject | void,
  ): KubeObject | undefined {
    const before = this.get(plural, namespace, name);
    if (before === undefined) return undefined;
    const copy = structuredClone(before);
    const object = change(copy) ?? copy;
    this.#known.set(`${plural}/${name}`, object);
    const path = `${this.#path(plural)}/${name}`;
    const isAskedToEnd = before.metadata.deletionTimestamp === undefined && object.metadata.deletionTimestamp;
    if (isAskedToEnd) this.#write(plural, name, () => this.#admin.call('DELETE', path));
    if (JSON.stringify(before.status) !== JSON.stringify(object.status))
      this.#write(plural, name, () => this.#admin.patch(`${path}/status`, { status: object.status }));
    if (JSON.stringify(before.spec) !== JSON.stringify(object.spec))
      this.#write(plural, name, () => this.#admin.patch(path, { spec: object.spec }));
    return structuredClone(object);
  }

  override delete(plural: string, _: string, name: string): void {
    const path = `${this.#path(plural)}/${name}`;
    this.#write(plural, name, () => this.#admin.call('DELETE', path, { gracePeriodSeconds: 0 }));
  }

  override onEvent(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when all that was changed here has got there. */
  async settled(): Promise<void> {
    await Promise.all(this.#writes.values());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.settled();
    this.#over.abort();
    await Promise.all(this.#watches);
  }

  #path(plural: string): string {
    return `${ofApps.has(plural) ? '/apis/apps/v1' : '/api/v1'}/namespaces/${this.#namespace}/${plural}`;
  }

  /** What is gone by then needs no change. */
  #write(plural: string, name: string, write: () => Promise<unknown>): void {
    const key = `${plural}/${name}`;
    const before = this.#writes.get(key) ?? Promise.resolve();
    const after = before.then(write).catch((error: Error) => {
      if (!/: 404 /.test(error.message)) console.error(`the node or a controller of the tests: ${error.message}`);
    });
    this.#writes.set(key, after);
  }

  async #watch(plural: string): Promise<void> {
    for await (const { type, object } of this.#admin.watch(this.#path(plural), this.#over.signal)) {
      const { name } = object.metadata;
      const isNewPod = plural === 'pods' && type === 'ADDED';
      if (isNewPod) await this.#prepare(object);
      if (type === 'DELETED') this.#known.delete(`${plural}/${name}`);
      else this.#known.set(`${plural}/${name}`, object);
      const event = { type, plural, namespace: this.#namespace, object, version: 0 };
      for (const listener of [...this.#listeners]) listener(structuredClone(event));
    }
  }

  /** Each pod has a node, and finds the Secrets as they are now. */
  async #prepare({ metadata: { name }, spec }: KubeObject): Promise<void> {
    if ((spec as Spec).nodeName === undefined)
      await this.#admin.call('POST', `${this.#path('pods')}/${name}/binding`, {
        metadata: { name },
        target: { kind: 'Node', name: nodeName },
      });
    const { items = [] } = await this.#admin.call('GET', this.#path('secrets'));
    for (const secret of items) this.#known.set(`secrets/${secret.metadata.name}`, secret);
  }
}
