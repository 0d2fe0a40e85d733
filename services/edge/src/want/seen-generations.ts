import type { InstanceKey, LedgerRecord } from '@reveille/contracts';

/** More instances than any edge serves within a day; beyond it the one longest unseen is forgotten. */
const remembered = 100_000;

/** The highest generation that this edge has seen of each instance: it never accepts from a lower one again. */
export class SeenGenerations {
  readonly #highest = new Map<InstanceKey, number>();

  /** False for a record of a generation that was superseded (a write that a failover lost and brought back). */
  admits({ instance, generation }: Pick<LedgerRecord, 'instance' | 'generation'>): boolean {
    const highest = this.#highest.get(instance) ?? 0;
    if (generation < highest) return false;
    this.#highest.delete(instance);
    this.#highest.set(instance, generation);
    for (const oldest of this.#highest.keys()) {
      if (this.#highest.size <= remembered) break;
      this.#highest.delete(oldest);
    }
    return true;
  }
}
