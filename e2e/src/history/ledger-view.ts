import type { LedgerRecord } from '@reveille/contracts';
import type { HistoryEntry } from './entry.ts';

/** What the ledger said at a moment, put together from the commits of a history as it is read on. */
export class LedgerView {
  readonly #records = new Map<string, LedgerRecord>();

  take(entry: HistoryEntry): void {
    if (entry.did === 'emptied') this.#records.clear();
    if (entry.did !== 'commit') return;
    const { record } = entry.entry;
    const known = this.#records.get(record.instance);
    if (known === undefined || known.revision < record.revision) this.#records.set(record.instance, record);
  }

  record(instance: string): LedgerRecord | undefined {
    return this.#records.get(instance);
  }

  /** Somebody answers for this run: its generation is on the way, ready, or being stopped. */
  claims({ instance, generation }: { instance: string; generation: number }): boolean {
    const record = this.#records.get(instance);
    return record?.generation === generation && record.state !== 'cold' && record.state !== 'failed';
  }
}
