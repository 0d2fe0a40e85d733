import type { Granted, Rate, Rates } from '@reveille/orchestration';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Keys } from '../key/keys.ts';
import type { Link } from '../redis/link.ts';
import { script } from '../redis/script.ts';

/** Windows of a second, as rate-limiter-flexible counts them; without Redis each process counts for itself (its insurance limiter). */
export class RedisRates implements Rates {
  readonly #link: Link;
  readonly #keys: Keys;
  /** By limit, of which there are as many as the entrypoints of the catalogs so far have, and that of handshakes. */
  readonly #limiters = new Map<number, RateLimiterRedis>();

  constructor(link: Link, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
  }

  async take(rate: Rate, count: number): Promise<Granted> {
    const { limit } = rate;
    const limiter = this.#limiters.get(limit) ?? this.#limiterOf(limit);
    this.#limiters.set(limit, limiter);
    try {
      const { msBeforeNext } = await limiter.consume(this.#keyOf(rate), count);
      return { granted: count, resetMs: msBeforeNext };
    } catch (over) {
      if (!(over instanceof RateLimiterRes)) throw over;
      const before = over.consumedPoints - count;
      return { granted: Math.max(0, limit - before), resetMs: over.msBeforeNext };
    }
  }

  #keyOf(rate: Rate): string {
    switch (rate.of) {
      case 'messages':
        return this.#keys.messageRate(rate.entrypoint, rate.user);
      case 'handshakes':
        return this.#keys.handshakeRate(rate.address);
    }
  }

  #limiterOf(points: number): RateLimiterRedis {
    const window = { points, duration: 1, keyPrefix: '' };
    const insuranceLimiter = new RateLimiterMemory(window);
    return new RateLimiterRedis({ ...window, storeClient: scriptRunner(this.#link), insuranceLimiter });
  }
}

/** What the library asks of ioredis: its one script runs like ours, so that Redis being away is noticed and bounded as everywhere. */
function scriptRunner(link: Link) {
  let lua = '';
  return {
    defineCommand: (_name: string, command: { lua: string }) => void (lua = command.lua),
    rlflxIncr: ([key = '', ...args]: string[]) => link.script(script(lua), [key], args),
  };
}
