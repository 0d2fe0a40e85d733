import type { InstanceKey } from '@reveille/contracts';
import { type Broker, BrokerUnavailable } from '@reveille/orchestration';
import { setTimeout as pause } from 'node:timers/promises';
import { readOne } from '../conformance/ledger.ts';
import { commitOn } from '../conformance/samples.ts';

type Made = { revision: number; number: number };

/** Commits without end, one chain for each instance, and remembers what was acknowledged and what was tried. */
export class LedgerLoad implements AsyncDisposable {
  readonly #broker: Broker;
  readonly #chains: Promise<void>[];
  readonly acknowledged = new Map<InstanceKey, Made[]>();
  readonly #tried = new Map<InstanceKey, Map<number, number>>();
  readonly unexpected: unknown[] = [];
  #lastAt = new Map<InstanceKey, number>();
  #longestGapMs = 0;
  #isOver = false;

  constructor(broker: Broker, instances: readonly InstanceKey[]) {
    this.#broker = broker;
    this.#chains = instances.map((instance) => this.#commit(instance));
  }

  /** The longest time for which one chain had no acknowledged commit (ms). */
  get longestGapMs(): number {
    return Math.round(this.#longestGapMs);
  }

  /** Resolves when every chain has been acknowledged `count` more times. */
  async goesOn(count = 5): Promise<void> {
    const wanted = [...this.#tried.keys()].map((instance) => [instance, this.#count(instance) + count] as const);
    while (wanted.some(([instance, goal]) => this.#count(instance) < goal)) await pause(20);
  }

  /**
   * Ends the load and holds the ledger against it. `lost`: acknowledged commits later than what is read. `invented`: records that nobody
   * tried to write. `fell`: acknowledged revisions that are not higher than an earlier one of the instance.
   */
  async settle(): Promise<{ acknowledged: number; lost: number; invented: string[]; fell: string[] }> {
    this.#isOver = true;
    await Promise.all(this.#chains);
    const result = { acknowledged: 0, lost: 0, invented: [] as string[], fell: [] as string[] };
    for (const [instance, made] of this.acknowledged) {
      const { record } = await readOne(this.#broker, instance);
      const revision = record?.revision ?? 0;
      result.acknowledged += made.length;
      result.lost += made.filter((one) => one.revision > revision).length;
      if (record !== undefined && this.#tried.get(instance)?.get(revision) !== record.generation)
        result.invented.push(`${instance}@${revision}`);
      for (const [at, one] of made.entries())
        if (at > 0 && one.revision <= (made[at - 1] as Made).revision) result.fell.push(`${instance}@${one.revision}`);
    }
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#chains);
  }

  #count(instance: InstanceKey): number {
    return this.acknowledged.get(instance)?.length ?? 0;
  }

  async #commit(instance: InstanceKey): Promise<void> {
    const [made, tried]: [Made[], Map<number, number>] = [[], new Map()];
    this.acknowledged.set(instance, made);
    this.#tried.set(instance, tried);
    this.#lastAt.set(instance, performance.now());
    for (let number = 1; !this.#isOver; number++) {
      try {
        const reading = await readOne(this.#broker, instance);
        const commit = commitOn(reading, { record: { generation: number } });
        tried.set(commit.record.revision, number);
        if ((await this.#broker.ledger.commit(commit)).committed)
          this.#note(instance, made, commit.record.revision, number);
        await pause(5);
      } catch (error) {
        if (!(error instanceof BrokerUnavailable)) this.unexpected.push(error);
        await pause(50);
      }
    }
  }

  #note(instance: InstanceKey, made: Made[], revision: number, number: number): void {
    made.push({ revision, number });
    const now = performance.now();
    this.#longestGapMs = Math.max(this.#longestGapMs, now - (this.#lastAt.get(instance) ?? now));
    this.#lastAt.set(instance, now);
  }
}
