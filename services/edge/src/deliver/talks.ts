import type { InstanceKey, LedgerRecord, ReconcileJob } from '@reveille/contracts';

type Parts = {
  /** Of this edge. */
  readonly edge: string;
  /** Adds a wake-up in the background. */
  wake(job: ReconcileJob): void;
};

/** Which generations the sessions of this edge talk to, so that one that is being drained can end once it has none left. */
export class Talks {
  readonly #parts: Parts;
  /** Bounded by the sessions of this edge. */
  readonly #talking = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * One more session talks to this generation, until the end of what is returned.
   * @param newest what is known of the instance by then
   */
  on({ instance, generation }: LedgerRecord, newest: () => LedgerRecord | undefined): Disposable {
    const key = keyOf(instance, generation);
    this.#talking.set(key, (this.#talking.get(key) ?? 0) + 1);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#talking.get(key) ?? 1) - 1;
        if (left > 0) this.#talking.set(key, left);
        else this.#talking.delete(key);
        this.look(newest());
      },
    };
  }

  /**
   * Says that none of its sessions talks to the generation that is being drained, for as long as the record does not know that: called
   * with every record that is heard.
   */
  look(record: LedgerRecord | undefined): void {
    const draining = record?.draining;
    if (record === undefined || draining === undefined || draining.over) return;
    const { edge, wake } = this.#parts;
    const { instance, service, scope } = record;
    if (!draining.edges.includes(edge) || this.#talking.has(keyOf(instance, draining.generation))) return;
    const left = { edge, generation: draining.generation };
    wake({ version: 1, kind: 'reconcile', reason: 'sweep', instance, service, scope, left });
  }
}

function keyOf(instance: InstanceKey, generation: number): string {
  return `${instance} ${generation}`;
}
