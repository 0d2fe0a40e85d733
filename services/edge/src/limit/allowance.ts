import type { Rate, Rates } from '@reveille/orchestration';

const windowMs = 1_000;

/**
 * How much of something may come per second, over all edges: messages of a user, handshakes of an address. The shared count is never
 * waited for: what finds nothing granted passes while more is asked for, so that an edge lets through at most what comes within one round
 * trip too much. It asks for as much again as came in this second, so that who does much costs the store a logarithm of it, and who
 * does nothing costs nothing.
 */
export class Allowance {
  readonly #rates: Rates;
  readonly #of: Rate;
  /** Monotonic milliseconds. */
  #windowEnds = 0;
  #window = 0;
  /** Taken here in this window. */
  #taken = 0;
  /** Granted and not yet used; below zero: passed before it was granted. */
  #left = 0;
  /** There is no more of this window. */
  #exhausted = false;
  #asking = false;

  constructor(rates: Rates, of: Rate) {
    this.#rates = rates;
    this.#of = of;
  }

  /** One more. Undefined: it may pass; else in how many milliseconds one may again. */
  take(now: number = performance.now()): number | undefined {
    if (now >= this.#windowEnds) this.#openWindow(now);
    if (this.#taken >= this.#of.limit || (this.#exhausted && this.#left <= 0)) return Math.ceil(this.#windowEnds - now);
    this.#taken += 1;
    this.#left -= 1;
    if (this.#left < 0) void this.#ask();
    return undefined;
  }

  /** Nothing that this second knows is of use any more. */
  isOver(now: number): boolean {
    return now >= this.#windowEnds && !this.#asking;
  }

  #openWindow(now: number): void {
    this.#windowEnds = now + windowMs;
    this.#window += 1;
    [this.#taken, this.#left, this.#exhausted] = [0, 0, false];
  }

  async #ask(): Promise<void> {
    if (this.#asking || this.#exhausted) return;
    this.#asking = true;
    const window = this.#window;
    const count = Math.min(this.#of.limit, this.#taken - 1 - this.#left);
    const { granted, resetMs } = await this.#rates.take(this.#of, count);
    this.#asking = false;
    // What came late was granted of a second that is over.
    if (window !== this.#window) return;
    this.#windowEnds = performance.now() + resetMs;
    this.#left += granted;
    this.#exhausted = granted < count;
    if (this.#left < 0) await this.#ask();
  }
}
