/** A command without an answer for so long has failed (ms). */
export const commandTimeoutMs = 2000;

/**
 * The longest lease or interest (ms). For so long after an outage, what ran out while nobody could renew it is taken as
 * valid for as long again as the outage took, so that its holder has the time it would have had.
 */
export const maxTtlMs = 15_000;

/** Whether Redis serves us, why not, and how long it did not. All times are of a monotonic clock, in ms. */
export class Availability {
  readonly #clock: () => number;
  #lastAnswer: number;
  #away: string | undefined;
  #grace = { until: 0, allowanceMs: 0 };

  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
    this.#lastAnswer = clock();
  }

  /** Redis took a write. */
  answered(): void {
    const now = this.#clock();
    if (this.#away !== undefined) {
      const more = now < this.#grace.until ? this.#grace.allowanceMs : 0;
      this.#grace = { until: now + maxTtlMs, allowanceMs: more + (now - this.#lastAnswer) };
      this.#away = undefined;
    }
    this.#lastAnswer = now;
  }

  failed(words: string): void {
    this.#away = words;
  }

  /** Why not, in words. */
  unavailable(): string | undefined {
    return this.#away;
  }

  /** For how long Redis has not served us; 0 when it does. */
  awayForMs(): number {
    return this.#away === undefined ? 0 : this.#clock() - this.#lastAnswer;
  }

  /**
   * By how much leases and interest are prolonged at the moment, because an outage kept their holders from renewing. While
   * Redis is away: for a command that is sent now, whose answer would end the outage.
   */
  allowanceMs(): number {
    const now = this.#clock();
    const before = now < this.#grace.until ? this.#grace.allowanceMs : 0;
    return Math.ceil(this.#away === undefined ? before : before + now - this.#lastAnswer + commandTimeoutMs);
  }
}
