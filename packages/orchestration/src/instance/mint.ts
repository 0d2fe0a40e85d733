/**
 * The next generation, epoch or token: above the last, and at least the ledger's clock in µs, so that it rises even when
 * the last ones were lost in a failover.
 */
export function mint(last: number, nowUs: number): number {
  return Math.max(last + 1, nowUs);
}
