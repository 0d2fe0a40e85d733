import type { AddressCount, Addresses, EdgeId } from '@reveille/orchestration';
import type { MemoryProcess } from './memory-process.ts';
import type { MemoryStore } from './memory-store.ts';

export class MemoryAddresses implements Addresses {
  readonly #store: MemoryStore;
  readonly #process: MemoryProcess;

  constructor(store: MemoryStore, process: MemoryProcess) {
    this.#store = store;
    this.#process = process;
  }

  claim(
    { address, own }: AddressCount,
    { edge, limit, ttlMs }: { edge: EdgeId; limit: number; ttlMs: number },
  ): Promise<{ granted: number; others: number }> {
    return this.#process.run(() => {
      const now = this.#store.clock.now();
      const edges = this.#store.addresses.get(address) ?? new Map<EdgeId, { own: number; until: number }>();
      this.#store.addresses.set(address, edges);
      for (const [other, { until }] of edges) if (until <= now) edges.delete(other);
      const others = [...edges].reduce((sum, [other, count]) => sum + (other === edge ? 0 : count.own), 0);
      const granted = Math.max(0, Math.min(own, limit - others));
      if (granted === 0) edges.delete(edge);
      else edges.set(edge, { own: granted, until: now + ttlMs });
      return { granted, others };
    });
  }

  renew(counts: readonly AddressCount[], of: { edge: EdgeId; ttlMs: number }): Promise<number[]> {
    const limit = Number.MAX_SAFE_INTEGER;
    return Promise.all(counts.map(async (count) => (await this.claim(count, { ...of, limit })).others));
  }
}
