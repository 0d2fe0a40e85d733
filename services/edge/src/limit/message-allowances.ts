import type { Rates } from '@reveille/orchestration';
import { Allowance } from './allowance.ts';

type Shared = { readonly allowance: Allowance; sessions: number };

/** The allowances of the users of this edge: all sessions of a user share one. Bounded by the sessions. */
export class MessageAllowances {
  readonly #rates: Rates;
  readonly #shared = new Map<string, Shared>();

  constructor(rates: Rates) {
    this.#rates = rates;
  }

  /** @param user scope key @param limit messages per second @param over aborts when the session ends */
  of(entrypoint: string, user: string, limit: number, over: AbortSignal): Allowance {
    // Two catalogs may set different limits for a while.
    const key = `${entrypoint}~${limit}~${user}`;
    const known = this.#shared.get(key);
    const shared = known ?? {
      allowance: new Allowance(this.#rates, { of: 'messages', entrypoint, user, limit }),
      sessions: 0,
    };
    shared.sessions += 1;
    this.#shared.set(key, shared);
    over.addEventListener('abort', () => (shared.sessions -= 1) === 0 && this.#shared.delete(key), { once: true });
    return shared.allowance;
  }
}
