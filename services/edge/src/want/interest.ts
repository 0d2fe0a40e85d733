import type { InstanceKey, Origin } from '@reveille/contracts';
import { interval, withDeadline } from '@reveille/lifecycle';
import { BrokerUnavailable, type EdgeId, type Ledger, type Reading } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import type { LedgerClock } from './ledger-clock.ts';

export type InterestOptions = {
  edge: EdgeId;
  ledger: Ledger;
  /** Learns from what is read. */
  clock: LedgerClock;
  logger: Logger;
  leaseMs: number;
  /** Bound of one call on a user's way. */
  brokerMs: number;
  onReadings(readings: readonly Reading[]): void;
};

/**
 * What this edge wants: an instance once for all plans that need it, leased, renewed in one call for all. Calls are made in
 * the order of the decisions, so that letting go can never overtake a new want.
 */
export class Interest implements AsyncDisposable {
  readonly #options: InterestOptions;
  /** How many plans with sessions need each instance. Bounded by the sessions of this edge. */
  readonly #holds = new Map<InstanceKey, number>();
  readonly #renewal: AsyncDisposable;

  constructor(options: InterestOptions) {
    this.#options = options;
    this.#renewal = interval(options.leaseMs / 3, () => this.#renew(), {
      jitter: 0.1,
      onError: (error) => options.logger.warn({ err: error }, 'interest could not be renewed; trying again'),
    });
  }

  /** Counts one more plan that needs the instances; `want` tells the ledger. */
  hold(instances: readonly InstanceKey[]): void {
    for (const instance of instances) this.#holds.set(instance, (this.#holds.get(instance) ?? 0) + 1);
  }

  /**
   * States the interest in what is held, and reads: one round trip.
   * @param origin the initialization that is begun here, should nobody else have begun one
   * @throws BrokerUnavailable
   */
  async want(instances: readonly InstanceKey[], origin?: Origin): Promise<readonly Reading[]> {
    const { ledger, edge, leaseMs } = this.#options;
    return this.#read(() => ledger.want(edge, instances, leaseMs, origin));
  }

  /** Reads without wanting. @throws BrokerUnavailable */
  async read(instances: readonly InstanceKey[]): Promise<readonly Reading[]> {
    return instances.length === 0 ? [] : this.#read(() => this.#options.ledger.read(instances));
  }

  /** Ends the interest in those that no other plan holds. */
  release(instances: readonly InstanceKey[]): void {
    const free = instances.filter((instance) => {
      const left = (this.#holds.get(instance) ?? 1) - 1;
      if (left > 0) this.#holds.set(instance, left);
      else this.#holds.delete(instance);
      return left <= 0;
    });
    if (free.length > 0) void this.#unwant(free);
  }

  /** Lets go of everything, within the bound of one call. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#renewal[Symbol.asyncDispose]();
    const held = [...this.#holds.keys()];
    this.#holds.clear();
    if (held.length > 0) await this.#unwant(held);
  }

  async #renew(): Promise<void> {
    const held = [...this.#holds.keys()];
    if (held.length > 0) this.#options.onReadings(await this.want(held));
  }

  async #unwant(instances: readonly InstanceKey[]): Promise<void> {
    try {
      await this.#bounded(this.#options.ledger.unwant(this.#options.edge, instances));
    } catch (error) {
      // The lease ends it.
      this.#options.logger.warn({ err: error, instances }, 'interest could not be released; it runs out by itself');
    }
  }

  async #read(ask: () => Promise<Reading[]>): Promise<readonly Reading[]> {
    const { clock } = this.#options;
    const askedAt = clock.asks();
    const readings = await this.#bounded(ask());
    for (const { now } of readings) clock.learn(now, askedAt);
    return readings;
  }

  async #bounded<T>(call: Promise<T>): Promise<T> {
    try {
      return await withDeadline(call, this.#options.brokerMs, { reason: 'the ledger' });
    } catch (cause) {
      if (cause instanceof BrokerUnavailable) throw cause;
      throw new BrokerUnavailable('the ledger did not answer in time', { cause });
    }
  }
}
