/** Two readings nearer than this are one clock with jitter of the way; further apart, the ledger's clock was set. */
const jumpMs = 1_000;

/**
 * The ledger's clock, carried on by this process's monotonic one between readings: users of every edge then see the same
 * `at` and `elapsedMs`, whatever the clocks of the edges say.
 */
export class LedgerClock {
  #aheadMs = Date.now() - performance.now();

  /** `now` as a reading gave it. A reading was under way for a while, so the largest difference is nearest to the truth. */
  learn(now: number): void {
    const aheadMs = now - performance.now();
    this.#aheadMs = Math.abs(aheadMs - this.#aheadMs) < jumpMs ? Math.max(aheadMs, this.#aheadMs) : aheadMs;
  }

  /** Epoch milliseconds. */
  now(): number {
    return Math.round(performance.now() + this.#aheadMs);
  }
}
