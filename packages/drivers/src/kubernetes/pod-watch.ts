import type { IncomingMessage } from 'node:http';
import { raceAbort, sleep } from '@reveille/lifecycle';
import { type ApiServer, inWords } from './api-server.ts';
import { ApiRefusal } from './api-refusal.ts';
import type { KubeObject, Pod } from './kube-object.ts';
import { labels } from './owner.ts';

/** After this time the server ends a watch, and it is opened again where it was, seconds. */
const WATCH_S = 290;
/** A watch that says nothing for longer is dead: bookmarks come about each minute, milliseconds. */
const SILENT_MS = 150_000;
/** Pause before a server that could not be asked is asked again, milliseconds. */
const AGAIN_MS = [250, 500, 1000, 2000, 5000];
/** Longest event, characters: an object has at most 1.5 MiB in the API server. */
const EVENT_CHARACTERS = 4 * 1024 * 1024;

type WatchEvent = {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: KubeObject & { code?: number };
};

/**
 * All pods of the deployment in one namespace, kept by one list and one watch however many runs there are. Bookmarks carry it over
 * quiet times; when the server has forgotten where it was (410 Gone), it lists again.
 */
export class PodWatch {
  readonly #of: {
    api: ApiServer;
    namespace: string;
    owner: string;
    signal: AbortSignal;
    onError(error: unknown): void;
  };
  readonly #pods = new Map<string, Pod>();
  readonly #listeners = new Set<() => void>();
  readonly #first = Promise.withResolvers<void>();
  #version = '';

  constructor(of: {
    api: ApiServer;
    namespace: string;
    owner: string;
    signal: AbortSignal;
    onError(error: unknown): void;
  }) {
    this.#of = of;
    this.#first.promise.catch(() => undefined);
    void this.#run();
  }

  /** Resolves when the pods are known. @throws DriverError when the server refuses to list them. */
  async known(signal: AbortSignal): Promise<void> {
    await raceAbort(this.#first.promise, signal);
  }

  /** Those of one run, as last heard, by the value of their label. */
  pods(run: string): Pod[] {
    return [...this.#pods.values()].filter(({ metadata }) => metadata.labels?.[labels.run] === run);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #run(): Promise<void> {
    const { signal, onError } = this.#of;
    let failures = 0;
    while (!signal.aborted) {
      try {
        if (this.#version === '') await this.#list();
        this.#first.resolve();
        await this.#watch();
        failures = 0;
      } catch (error) {
        if (signal.aborted) break;
        if (error instanceof ApiRefusal && error.status === 410) {
          this.#version = '';
          continue;
        }
        this.#first.reject(inWords(error));
        // Once for each time that it cannot be asked, however long.
        if (failures === 0) onError(inWords(error));
        failures += 1;
        await sleep(AGAIN_MS[Math.min(failures, AGAIN_MS.length) - 1] ?? 5000, signal).catch(() => undefined);
      }
    }
    this.#first.reject(signal.reason);
  }

  async #list(): Promise<void> {
    const { api, namespace, signal } = this.#of;
    const answer = await api.call({ verb: 'list', kind: 'Pod', namespace, query: this.#query(), signal });
    this.#pods.clear();
    for (const pod of answer.items ?? []) this.#pods.set(pod.metadata.uid ?? pod.metadata.name, pod);
    this.#version = answer.metadata.resourceVersion ?? '';
    this.#changed();
  }

  /** Resolves when the server ended it in good order. */
  async #watch(): Promise<void> {
    const { api, namespace, signal } = this.#of;
    const silence = new AbortController();
    const query = {
      ...this.#query(),
      ...{ watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: WATCH_S.toString() },
      resourceVersion: this.#version,
    };
    const timer = setTimeout(() => silence.abort(new Error('the watch of pods has fallen silent')), SILENT_MS);
    try {
      const both = AbortSignal.any([signal, silence.signal]);
      const answer = await api.stream({ verb: 'watch', kind: 'Pod', namespace, query, signal: both });
      for await (const event of eventsOf(answer)) {
        timer.refresh();
        this.#take(event);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #take({ type, object }: WatchEvent): void {
    if (type === 'ERROR') {
      const ask = { verb: 'watch', resource: 'pods', group: '', namespace: this.#of.namespace } as const;
      throw new ApiRefusal(ask, object.code ?? 500, object.message ?? 'the watch failed', object.reason);
    }
    this.#version = object.metadata.resourceVersion ?? this.#version;
    if (type === 'BOOKMARK') return;
    const id = object.metadata.uid ?? object.metadata.name;
    if (type === 'DELETED') this.#pods.delete(id);
    else this.#pods.set(id, object);
    this.#changed();
  }

  #query(): { labelSelector: string } {
    return { labelSelector: `${labels.deployment}=${this.#of.owner}` };
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** One JSON object a line; a line may come in any number of pieces. */
async function* eventsOf(answer: IncomingMessage): AsyncGenerator<WatchEvent> {
  let rest = '';
  for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > EVENT_CHARACTERS) throw new Error('the watch sent an event that has no end');
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as WatchEvent;
  }
}
