import type { InstanceKey } from '@reveille/contracts';
import type { Quotas, Reservation } from '@reveille/orchestration';
import type { MemoryProcess } from './memory-process.ts';
import type { MemoryStore } from './memory-store.ts';

export class MemoryQuotas implements Quotas {
  readonly #store: MemoryStore;
  readonly #process: MemoryProcess;

  constructor(store: MemoryStore, process: MemoryProcess) {
    this.#store = store;
    this.#process = process;
  }

  reserve(reservation: Reservation, { limit, ttlMs }: { limit: number; ttlMs: number }): ReturnType<Quotas['reserve']> {
    return this.#process.run(() => {
      const places = this.#places(reservation);
      const floor = this.#store.clock.now() - this.#process.availability.allowanceMs();
      for (const [instance, { until }] of places) if (until <= floor) places.delete(instance);
      if (!places.has(reservation.instance) && places.size >= limit)
        return { reserved: false as const, held: places.size };
      this.#hold(reservation, ttlMs);
      return { reserved: true as const };
    });
  }

  hold(reservation: Reservation, ttlMs: number): Promise<void> {
    return this.#process.run(() => this.#hold(reservation, ttlMs));
  }

  release(reservation: Reservation): Promise<void> {
    return this.#process.run(() => {
      const places = this.#places(reservation);
      const known = places.get(reservation.instance);
      if (known && known.generation <= reservation.generation) places.delete(reservation.instance);
    });
  }

  #hold(reservation: Reservation, ttlMs: number): void {
    const places = this.#places(reservation);
    const generation = Math.max(places.get(reservation.instance)?.generation ?? 0, reservation.generation);
    places.set(reservation.instance, { generation, until: this.#store.clock.now() + ttlMs });
  }

  #places({ service }: Reservation): Map<InstanceKey, { generation: number; until: number }> {
    return this.#store.reservations.getOrCreate(service, () => new Map());
  }
}
