import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../../../src/kubernetes/kube-object.ts';

export type StoreEvent = {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  plural: string;
  namespace: string;
  object: KubeObject;
  version: number;
};

/** Objects with versions, and all that happened to them, as etcd keeps them for an API server. */
export class ObjectStore {
  readonly #objects = new Map<string, { plural: string; namespace: string; object: KubeObject }>();
  readonly #listeners = new Set<(event: StoreEvent) => void>();
  history: StoreEvent[] = [];
  /** What happened before this version is forgotten. */
  oldest = 0;
  version = 100;

  get(plural: string, namespace: string, name: string): KubeObject | undefined {
    const found = this.#objects.get(`${plural}/${namespace}/${name}`)?.object;
    return found && structuredClone(found);
  }

  list(plural: string, namespace: string): KubeObject[] {
    return [...this.#objects.values()]
      .filter((each) => each.plural === plural && each.namespace === namespace)
      .map(({ object }) => structuredClone(object));
  }

  create(plural: string, namespace: string, given: KubeObject): KubeObject {
    const object = structuredClone(given);
    Object.assign(object.metadata, { namespace, uid: randomUUID(), generation: 1 });
    if (plural === 'pods') object.spec = { nodeName: 'node-1', ...object.spec };
    return this.#put('ADDED', plural, namespace, object);
  }

  /** `change` works on a copy; a changed spec is a new generation. Undefined when there is no such object. */
  update(
    plural: string,
    namespace: string,
    name: string,
    change: (object: KubeObject) => KubeObject | void,
  ): KubeObject | undefined {
    const before = this.get(plural, namespace, name);
    if (before === undefined) return undefined;
    const copy = structuredClone(before);
    const object = change(copy) ?? copy;
    Object.assign(object.metadata, { name, namespace, uid: before.metadata.uid });
    const isSame = JSON.stringify(before.spec) === JSON.stringify(object.spec);
    object.metadata.generation = (before.metadata.generation ?? 1) + (isSame ? 0 : 1);
    return this.#put('MODIFIED', plural, namespace, object);
  }

  delete(plural: string, namespace: string, name: string): void {
    const object = this.get(plural, namespace, name);
    if (object === undefined) return;
    this.#objects.delete(`${plural}/${namespace}/${name}`);
    this.#happened('DELETED', plural, namespace, object);
  }

  onEvent(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #put(type: 'ADDED' | 'MODIFIED', plural: string, namespace: string, object: KubeObject): KubeObject {
    this.#objects.set(`${plural}/${namespace}/${object.metadata.name}`, { plural, namespace, object });
    this.#happened(type, plural, namespace, object);
    return structuredClone(object);
  }

  #happened(type: StoreEvent['type'], plural: string, namespace: string, object: KubeObject): void {
    this.version += 1;
    object.metadata.resourceVersion = this.version.toString();
    const event = { type, plural, namespace, object: structuredClone(object), version: this.version };
    this.history.push(event);
    for (const listener of [...this.#listeners]) listener(event);
  }
}
