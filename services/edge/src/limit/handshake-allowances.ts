import type { Rates } from '@reveille/orchestration';
import { Allowance } from './allowance.ts';

const windowMs = 1_000;

/** Handshakes per second of client addresses, over all edges. */
export class HandshakeAllowances {
  readonly #rates: Rates;
  readonly #limit: number;
  /** Bounded by the addresses of the last two seconds. */
  readonly #of = new Map<string, Allowance>();
  #sweepAt = 0;

  constructor(rates: Rates, limit: number) {
    this.#rates = rates;
    this.#limit = limit;
  }

  /** Whether this address may shake hands once more in this second. */
  take(address: string, now: number = performance.now()): boolean {
    if (now >= this.#sweepAt) this.#sweep(now);
    const known = this.#of.get(address);
    const allowance = known ?? new Allowance(this.#rates, { of: 'handshakes', address, limit: this.#limit });
    if (known === undefined) this.#of.set(address, allowance);
    return allowance.take(now) === undefined;
  }

  #sweep(now: number): void {
    this.#sweepAt = now + windowMs;
    for (const [address, allowance] of this.#of) if (allowance.isOver(now)) this.#of.delete(address);
  }
}
