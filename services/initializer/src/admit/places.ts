import type { LoadedCatalog } from '@reveille/catalog';
import type { InstanceKey, InstanceState, LedgerRecord } from '@reveille/contracts';
import { type Broker, timing } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';

type Parts = { broker: Pick<Broker, 'quotas' | 'wakeUps'>; catalog: () => LoadedCatalog; logger: Logger };

const ttlMs = timing.reservationTtlMs.value;

/** The places of instances in line and among those that `limits.instances` of their service lets run. */
export class Places {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * A place for what is about to start, before it is claimed. Of a start that goes on: it may run already, so that it has its place.
   * @returns the limit, when as many others have theirs
   */
  async reserve(record: LedgerRecord): Promise<{ reserved: true } | { reserved: false; limit: number }> {
    const limit = this.#limitOf(record);
    if (limit === undefined) return { reserved: true };
    const { quotas } = this.#parts.broker;
    if (record.state === 'starting') {
      await quotas.hold(record, ttlMs);
      return { reserved: true };
    }
    const { reserved } = await quotas.reserve(record, { limit, ttlMs });
    return reserved ? { reserved } : { reserved, limit };
  }

  /** Called by whoever has the claim or the watch, with each renewal of it. Never rejects: a missed one is made up for by the next. */
  hold(record: LedgerRecord): void {
    if (this.#limitOf(record) !== undefined)
      this.#inBackground(record.instance, this.#parts.broker.quotas.hold(record, ttlMs));
  }

  /** What is not queued any more and was not claimed leaves the line, what ended leaves its place. Both heal when this is lost. */
  free(before: InstanceState, after: LedgerRecord): void {
    const { wakeUps, quotas } = this.#parts.broker;
    const { instance, generation, state } = after;
    if (before === state || state === 'queued' || state === 'starting') return;
    if (before === 'queued') this.#inBackground(instance, wakeUps.withdraw(instance, generation));
    if ((state === 'cold' || state === 'failed') && this.#limitOf(after) !== undefined)
      this.#inBackground(instance, quotas.release(after));
  }

  #limitOf({ service }: LedgerRecord): number | undefined {
    return this.#parts.catalog().catalog.services[service]?.limits.instances;
  }

  #inBackground(instance: InstanceKey, work: Promise<void>): void {
    work.catch((error: unknown) =>
      this.#parts.logger.warn({ instance, err: error }, 'a place could not be held or freed; it heals by its lease'),
    );
  }
}
