import type { JournalEntry } from '@reveille/contracts';
import type { EdgeId, Router, RouterListener } from '@reveille/orchestration';
import { batchEntries } from '../router/batch-entries.ts';
import { checkEdge } from '../router/check-edge.ts';
import type { MemoryProcess } from './memory-process.ts';
import type { MemoryStore } from './memory-store.ts';

export class MemoryRouter implements Router {
  readonly #store: MemoryStore;
  readonly #process: MemoryProcess;
  readonly #subscriptions = new Set<() => void>();

  constructor(store: MemoryStore, process: MemoryProcess) {
    this.#store = store;
    this.#process = process;
  }

  publish(edge: EdgeId, entries: readonly JournalEntry[]): Promise<void> {
    return this.#process.run(() => {
      checkEdge(edge);
      for (const batch of batchEntries(entries)) {
        this.#store.transport({ kind: 'route', edge, entries: batch }, () => this.#deliver(edge, batch));
      }
    });
  }

  publishGap(edge: EdgeId): Promise<void> {
    return this.#process.run(() => {
      for (const listener of this.#store.listeners.get(checkEdge(edge)) ?? []) listener.onGap('trimmed');
    });
  }

  subscribe(edge: EdgeId, listener: RouterListener): Promise<AsyncDisposable> {
    return this.#process.run(() => {
      checkEdge(edge);
      const listeners = this.#store.listeners.get(edge) ?? new Set();
      this.#store.listeners.set(edge, listeners.add(listener));
      const leave = (): void => {
        this.#subscriptions.delete(leave);
        listeners.delete(listener);
        if (listeners.size === 0) this.#store.listeners.delete(edge);
      };
      this.#subscriptions.add(leave);
      return { [Symbol.asyncDispose]: async () => leave() };
    });
  }

  leaveAll(): void {
    for (const leave of this.#subscriptions) leave();
  }

  /** Each receiver has a copy of its own, as over a wire. */
  #deliver(edge: EdgeId, entries: readonly JournalEntry[]): void {
    for (const listener of this.#store.listeners.get(edge) ?? []) {
      for (const entry of entries) listener.onEntry(structuredClone(entry));
    }
  }
}
