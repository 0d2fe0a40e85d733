import { BrokerUnavailable } from '@reveille/orchestration';
import { Availability } from '../redis/availability.ts';
import type { MemoryClock } from './memory-clock.ts';

/** One process's view of the twin: whether it reaches it. The counterpart of the link to Redis. */
export class MemoryProcess {
  readonly availability: Availability;
  #cut: string | undefined;
  readonly #onReturn = new Set<() => void>();

  constructor(clock: MemoryClock) {
    this.availability = new Availability(() => clock.now());
  }

  get reaches(): boolean {
    return this.#cut === undefined;
  }

  cutOff(words: string): void {
    this.#cut = words;
    this.availability.failed(words);
  }

  reconnect(): void {
    this.#cut = undefined;
    this.availability.answered();
    for (const listener of this.#onReturn) listener();
  }

  onReturn(listener: () => void): () => void {
    this.#onReturn.add(listener);
    return () => this.#onReturn.delete(listener);
  }

  /**
   * Does something in the store, later in the same turn as a network would.
   * @throws BrokerUnavailable when the process is cut off.
   */
  async run<T>(work: () => T): Promise<T> {
    await Promise.resolve();
    if (this.#cut !== undefined) throw new BrokerUnavailable(this.#cut);
    const result = work();
    this.availability.answered();
    return result;
  }
}
