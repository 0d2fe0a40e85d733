import type { InstanceKey } from '@reveille/contracts';
import { upTo, type MemoryStore } from './memory-store.ts';

/** What `due` does on Redis. */
export class MemoryDue {
  readonly #store: MemoryStore;
  readonly #turnMs: number;

  constructor(store: MemoryStore, turnMs: number) {
    this.#store = store;
    this.#turnMs = turnMs;
  }

  take(partition: number, limit: number, allowanceMs: number): InstanceKey[] {
    const attention = this.#store.attention[partition] ?? new Map<string, number>();
    const leases = this.#store.leases[partition] ?? new Map<string, number>();
    const now = this.#store.clock.now();
    const found: string[] = [];
    const take = (instance: string): void => {
      if (!this.#store.instances.has(instance) && !this.#store.interest.has(instance)) {
        attention.delete(instance);
        leases.delete(instance);
        return;
      }
      attention.set(instance, now + this.#turnMs);
      found.push(instance);
    };
    for (const instance of upTo(attention, now).slice(0, limit)) take(instance);
    for (const instance of upTo(leases, now - allowanceMs)) {
      if (found.length >= limit) break;
      const turn = attention.get(instance);
      if (turn === undefined || turn > now + this.#turnMs) take(instance);
    }
    return found as InstanceKey[];
  }
}
