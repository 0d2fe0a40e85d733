import type { ReveilleError } from './reveille-error.ts';

/**
 * `connecting`: no welcome from an edge (yet, or again). `waiting`: welcomed, the services are starting. `ready`: the service answers.
 * `failed`: the initialization failed; `retry` may help. `closed`: over.
 */
export type ClientState = 'connecting' | 'waiting' | 'ready' | 'failed' | 'closed';

/** Where the client stands, and who waits for the service. */
export class Readiness {
  readonly #waiters = new Set<PromiseWithResolvers<void>>();
  readonly #listeners = new Set<(state: ClientState) => void>();
  #state: ClientState = 'connecting';
  #error: ReveilleError | undefined;

  get state(): ClientState {
    return this.#state;
  }

  /** Why it is `failed` or `closed`. */
  get error(): ReveilleError | undefined {
    return this.#error;
  }

  move(state: 'connecting' | 'waiting'): void {
    this.#become(state, undefined);
  }

  /** Returns the way to stop it. */
  onChange(listener: (state: ClientState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  ready(): void {
    this.#become('ready', undefined);
    for (const waiter of this.#drain()) waiter.resolve();
  }

  fail(state: 'failed' | 'closed', error: ReveilleError): void {
    this.#become(state, error);
    for (const waiter of this.#drain()) waiter.reject(error);
  }

  /** Resolves at `ready`; rejects with the reason of `failed` or `closed`, or of the signal. */
  async wait(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#state === 'ready') return;
    if (this.#error) throw this.#error;
    const waiter = Promise.withResolvers<void>();
    const abort = (): void => waiter.reject(signal?.reason);
    this.#waiters.add(waiter);
    signal?.addEventListener('abort', abort);
    try {
      await waiter.promise;
    } finally {
      this.#waiters.delete(waiter);
      signal?.removeEventListener('abort', abort);
    }
  }

  #become(state: ClientState, error: ReveilleError | undefined): void {
    const isNews = this.#state !== state || this.#error !== error;
    this.#state = state;
    this.#error = error;
    if (isNews) for (const listener of this.#listeners) listener(state);
  }

  #drain(): PromiseWithResolvers<void>[] {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    return waiters;
  }
}
