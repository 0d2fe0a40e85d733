import type { ApiServer } from './api-server.ts';
import type { Owner } from './owner.ts';
import { PodWatch } from './pod-watch.ts';

/** One watch for each namespace in which somebody looks; it ends when nobody does. */
export class PodWatches {
  readonly #of: { api: ApiServer; owner: Owner; signal: AbortSignal; onError(error: unknown): void };
  readonly #open = new Map<string, { watch: PodWatch; users: number; end: AbortController }>();

  constructor(of: { api: ApiServer; owner: Owner; signal: AbortSignal; onError(error: unknown): void }) {
    this.#of = of;
  }

  /** The watch of a namespace, until it is disposed of. */
  use(namespace: string): { watch: PodWatch } & Disposable {
    const held = this.#open.get(namespace) ?? this.#begin(namespace);
    held.users += 1;
    let isHeld = true;
    return {
      watch: held.watch,
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        held.users -= 1;
        if (held.users > 0) return;
        held.end.abort();
        if (this.#open.get(namespace) === held) this.#open.delete(namespace);
      },
    };
  }

  #begin(namespace: string): { watch: PodWatch; users: number; end: AbortController } {
    const end = new AbortController();
    const { api, owner, onError } = this.#of;
    const signal = AbortSignal.any([this.#of.signal, end.signal]);
    const begun = { watch: new PodWatch({ api, namespace, owner: owner.hash, signal, onError }), users: 0, end };
    this.#open.set(namespace, begun);
    return begun;
  }
}
