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
      // As over a network: who is cut off hears nothing, and is told afterwards that he may have missed something.
      const reached: RouterListener = {
        onEntry: (entry) => this.#process.reaches && listener.onEntry(entry),
        onGap: (reason) => this.#process.reaches && listener.onGap(reason),
      };
      const stopListening = this.#process.onReturn(() => listener.onGap('recovered'));
      const listeners = this.#store.listeners.get(edge) ?? new Set();
      this.#store.listeners.set(edge, listeners.add(reached));
      const leave = (): void => {
        stopListening();
        this.#subscriptions.delete(leave);
        listeners.delete(reached);
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
