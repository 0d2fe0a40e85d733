import type { MessageRate, MessageRates } from '@reveille/orchestration';

const windowMs = 1_000;

/**
 * What one user may say per second, over all edges. The shared count is never waited for: a message that finds nothing granted passes
 * while more is asked for, so that an edge lets through at most what comes within one round trip too much. It asks for as much again
 * as was said in this second, so that a talkative user costs the store a logarithm of what he says, and a silent one nothing.
 */
export class MessageAllowance {
  readonly #rates: MessageRates;
  readonly #of: MessageRate;
  /** Monotonic milliseconds. */
  #windowEnds = 0;
  #window = 0;
  /** Said here in this window. */
  #said = 0;
  /** Granted and not yet used; below zero: passed before it was granted. */
  #left = 0;
  /** There is no more of this window. */
  #exhausted = false;
  #asking = false;

  constructor(rates: MessageRates, of: MessageRate) {
    this.#rates = rates;
    this.#of = of;
  }

  /** One message more. Undefined: it may pass; else in how many milliseconds one may again. */
  take(now: number = performance.now()): number | undefined {
    if (now >= this.#windowEnds) this.#openWindow(now);
    if (this.#said >= this.#of.limit || (this.#exhausted && this.#left <= 0)) return Math.ceil(this.#windowEnds - now);
    this.#said += 1;
    this.#left -= 1;
    if (this.#left < 0) void this.#ask();
    return undefined;
  }

  #openWindow(now: number): void {
    this.#windowEnds = now + windowMs;
    this.#window += 1;
    [this.#said, this.#left, this.#exhausted] = [0, 0, false];
  }

  async #ask(): Promise<void> {
    if (this.#asking || this.#exhausted) return;
    this.#asking = true;
    const window = this.#window;
    const messages = Math.min(this.#of.limit, this.#said - 1 - this.#left);
    const { granted, resetMs } = await this.#rates.take(this.#of, messages);
    this.#asking = false;
    // What came late was granted of a second that is over.
    if (window !== this.#window) return;
    this.#windowEnds = performance.now() + resetMs;
    this.#left += granted;
    this.#exhausted = granted < messages;
    if (this.#left < 0) await this.#ask();
  }
}
