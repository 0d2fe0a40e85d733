import { DriverError, type RunName } from '@reveille/orchestration';
import { parseRunName } from '../run-name.ts';
import type { ApiServer } from './api-server.ts';
import { isStatus } from './api-refusal.ts';
import type { Kind } from './kube-object.ts';
import { labels, type Owner } from './owner.ts';

export type ObjectName = { kind: Kind; name: string };

/** What a run consists of: whoever has only its name can end it. */
export type RunRecord = {
  mode: 'scale' | 'template';
  namespace: string;
  workload: ObjectName;
  secret: string;
  /** All that a template made, the workload included. */
  objects: ObjectName[];
};

/**
 * A ConfigMap for each run, in the initializer's own namespace. It is there before anything of the run and goes after all of it, so
 * that nothing is left behind that nobody knows of, whatever namespaces templates name.
 */
export class RunRecords {
  readonly #api: ApiServer;
  readonly #owner: Owner;

  constructor(api: ApiServer, owner: Owner) {
    this.#api = api;
    this.#owner = owner;
  }

  async write(run: RunName, record: RunRecord, signal: AbortSignal): Promise<void> {
    const namespace = await this.#api.namespace();
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: this.#nameOf(run.name),
        labels: this.#owner.labels(run.name),
        annotations: this.#owner.annotations(run),
      },
      data: { record: JSON.stringify(record) },
    };
    try {
      await this.#api.call({ verb: 'create', kind: 'ConfigMap', namespace, body, signal });
    } catch (error) {
      // An earlier attempt of the same generation wrote it.
      if (!isStatus(error, 409)) throw error;
    }
  }

  async find(name: string, signal: AbortSignal): Promise<RunRecord | undefined> {
    const namespace = await this.#api.namespace();
    const found = await this.#api.find({ kind: 'ConfigMap', namespace, name: this.#nameOf(name), signal });
    if (found === undefined || !this.#owner.owns(found.metadata, name)) return undefined;
    try {
      return JSON.parse(found.data?.['record'] ?? '') as RunRecord;
    } catch (error) {
      const words = `the ConfigMap ${namespace}/${found.metadata.name} was changed by others and says nothing of ${name}`;
      throw new DriverError('driver_error', words, { cause: error });
    }
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    const namespace = await this.#api.namespace();
    await this.#api.remove({ kind: 'ConfigMap', namespace, name: this.#nameOf(name), signal });
  }

  async list(signal: AbortSignal): Promise<RunName[]> {
    const namespace = await this.#api.namespace();
    const query = {
      labelSelector: `${labels.managedBy}=reveille,${labels.deployment}=${this.#owner.hash},${labels.run}`,
    };
    const { items = [] } = await this.#api.call({ verb: 'list', kind: 'ConfigMap', namespace, query, signal });
    return items.flatMap(({ metadata, data }) =>
      data?.['record'] === undefined ? [] : (parseRunName(metadata.annotations?.['reveille.io/run'] ?? '') ?? []),
    );
  }

  #nameOf(name: string): string {
    return `reveille-run-${this.#owner.runHash(name)}`;
  }
}
