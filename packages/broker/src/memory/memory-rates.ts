import type { Granted, Rate, Rates } from '@reveille/orchestration';
import type { MemoryProcess } from './memory-process.ts';
import type { MemoryStore, RateWindow } from './memory-store.ts';

const windowMs = 1000;

export class MemoryRates implements Rates {
  readonly #store: MemoryStore;
  readonly #process: MemoryProcess;
  /** For as long as the store cannot be reached. */
  readonly #own = new Map<string, RateWindow>();

  constructor(store: MemoryStore, process: MemoryProcess) {
    this.#store = store;
    this.#process = process;
  }

  async take(rate: Rate, count: number): Promise<Granted> {
    try {
      return await this.#process.run(() => this.#count(this.#store.rates, rate, count));
    } catch {
      // As the insurance limiter of the one on Redis.
      return this.#count(this.#own, rate, count);
    }
  }

  #count(windows: Map<string, RateWindow>, rate: Rate, count: number): Granted {
    const now = this.#store.clock.now();
    const key = rate.of === 'messages' ? `${rate.entrypoint}:${rate.user}` : `address ${rate.address}`;
    const known = windows.get(key);
    const window = known !== undefined && known.until > now ? known : { taken: 0, until: now + windowMs };
    windows.set(key, window);
    const granted = Math.max(0, Math.min(count, rate.limit - window.taken));
    window.taken += count;
    return { granted, resetMs: window.until - now };
  }
}
