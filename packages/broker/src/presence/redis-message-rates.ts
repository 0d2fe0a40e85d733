import type { GrantedMessages, MessageRate, MessageRates } from '@reveille/orchestration';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Keys } from '../key/keys.ts';
import type { Link } from '../redis/link.ts';
import { script } from '../redis/script.ts';

/** Windows of a second, as rate-limiter-flexible counts them; without Redis each process counts for itself (its insurance limiter). */
export class RedisMessageRates implements MessageRates {
  readonly #link: Link;
  readonly #keys: Keys;
  /** By limit, of which there are as many as the entrypoints of the catalogs so far have. */
  readonly #limiters = new Map<number, RateLimiterRedis>();

  constructor(link: Link, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
  }

  async take({ entrypoint, user, limit }: MessageRate, messages: number): Promise<GrantedMessages> {
    const limiter = this.#limiters.get(limit) ?? this.#limiterOf(limit);
    this.#limiters.set(limit, limiter);
    try {
      const { msBeforeNext } = await limiter.consume(this.#keys.messageRate(entrypoint, user), messages);
      return { granted: messages, resetMs: msBeforeNext };
    } catch (over) {
      if (!(over instanceof RateLimiterRes)) throw over;
      const before = over.consumedPoints - messages;
      return { granted: Math.max(0, limit - before), resetMs: over.msBeforeNext };
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
