/** As far as a time of the ledger lies in the past before its clock counts as set back: nodes of a cluster differ by less. */
const jumpMs = 1_000;

/**
 * The ledger's clock, carried on by this process's monotonic one between readings: users of every edge then see the same
 * `at` and `elapsedMs`, whatever the clocks of the edges say.
 */
export class LedgerClock {
  readonly #monotonic: () => number;
  #aheadMs: number;

  /** @param monotonic milliseconds */
  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic;
    this.#aheadMs = Date.now() - monotonic();
  }

  /** When something is asked of the ledger; to be handed to `learn` with what it answers. */
  asks(): number {
    return this.#monotonic();
  }

  /**
   * `now` as a reading gave it that was asked for at `askedAt`. It was taken somewhere on the way, which may have been long: only what
   * cannot be is corrected.
   */
  learn(now: number, askedAt: number): void {
    const [least, most] = [now - this.#monotonic(), now - askedAt];
    if (this.#aheadMs < least || this.#aheadMs > most + jumpMs) this.#aheadMs = least;
  }

  /** Epoch milliseconds. */
  now(): number {
    return Math.round(this.#monotonic() + this.#aheadMs);
  }
}
