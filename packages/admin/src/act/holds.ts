import type { InstanceKey, LedgerRecord } from '@reveille/contracts';
import { interval } from '@reveille/lifecycle';
import type { Ledger } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import { Problem } from '../http/problem.ts';

/** The longest time of interest that a ledger grants, and how often it is renewed, milliseconds. */
const ttlMs = 15_000;
const renewMs = 4_000;
/** Instances that are held at once; an operator who asks for more waits for the earlier ones. */
const holdLimit = 1_000;

/** `fromGeneration`: the first generation whose end, one way or the other, ends the hold. */
type Hold = { fromGeneration: number; until: number };

/**
 * What an operator has asked to start is wanted as if a user waited for it, behind all users, until it is ready, failed or ended, or its
 * time is over; from then on the rules of its service hold. Should this process die, the interest runs out as that of an edge does.
 */
export class Holds implements AsyncDisposable {
  readonly #edge: string;
  readonly #ledger: Ledger;
  readonly #held = new Map<InstanceKey, Hold>();
  readonly #renewal: AsyncDisposable;

  constructor(of: { edge: string; ledger: Ledger; logger: Logger }) {
    this.#edge = of.edge;
    this.#ledger = of.ledger;
    this.#renewal = interval(renewMs, () => this.#renew(), {
      onError: (error) => of.logger.warn({ err: error }, 'what an operator has started could not be renewed'),
    });
  }

  /** States the interest. @param forMs how long at most @throws Problem when it would be too many; then none is held */
  async hold(instances: ReadonlyMap<InstanceKey, { fromGeneration: number }>, forMs: number): Promise<void> {
    const more = [...instances.keys()].filter((instance) => !this.#held.has(instance)).length;
    if (this.#held.size + more > holdLimit)
      throw new Problem('changing', `${this.#held.size} instances are being started already; wait for some of them.`);
    const until = performance.now() + forMs;
    for (const [instance, { fromGeneration }] of instances) this.#held.set(instance, { fromGeneration, until });
    await this.#ledger.want(this.#edge, [...instances.keys()], ttlMs);
  }

  async release(instances: readonly InstanceKey[]): Promise<void> {
    const held = instances.filter((instance) => this.#held.delete(instance));
    if (held.length > 0) await this.#ledger.unwant(this.#edge, held);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#renewal[Symbol.asyncDispose]();
    await this.release([...this.#held.keys()]);
  }

  async #renew(): Promise<void> {
    if (this.#held.size === 0) return;
    const now = performance.now();
    const readings = await this.#ledger.read([...this.#held.keys()]);
    const over = readings.flatMap(({ instance, record }) => {
      const hold = this.#held.get(instance);
      return hold !== undefined && (hold.until <= now || hasEnded(record, hold)) ? [instance] : [];
    });
    await this.release(over);
    if (this.#held.size > 0) await this.#ledger.want(this.#edge, [...this.#held.keys()], ttlMs);
  }
}

function hasEnded(record: LedgerRecord | undefined, { fromGeneration }: Hold): boolean {
  if (record === undefined || record.generation < fromGeneration) return false;
  return record.stopRequestedAt !== undefined || ['ready', 'failed', 'stopping', 'lost'].includes(record.state);
}
