import { createHash } from 'node:crypto';
import { Clock } from './clock.ts';
import { drawFrom } from './network/seeded-crypto.ts';
import { Random } from './random.ts';

const begin = 1_700_000_000_000;
const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  Date: globalThis.Date,
};
const realNow = performance.now.bind(performance);
const realRandom = Math.random;
const realTimeout = AbortSignal.timeout.bind(AbortSignal);
const realDigest = crypto.subtle.digest.bind(crypto.subtle);

/** All that tells time or chance in this process comes from the clock and the seed, until it is given back. */
export function takeOverTime(random: Random, seed: number): Clock {
  const clock = new Clock(begin);
  const set =
    (isRepeated: boolean) =>
    (run: (...of: unknown[]) => void, ms?: number, ...of: unknown[]): unknown =>
      clock.timer(of.length === 0 ? run : () => run(...of), ms, isRepeated);
  const clear = clock.clear.bind(clock);
  const { Date } = real;
  class SimDate extends Date {
    static override now(): number {
      return clock.now;
    }

    constructor(at: number | string | Date = clock.now) {
      super(at);
    }
  }
  Object.assign(globalThis, {
    ...{ setTimeout: set(false), clearTimeout: clear, setInterval: set(true), clearInterval: clear },
    Date: SimDate,
  });
  performance.now = () => clock.now - begin;
  Math.random = random.next;
  AbortSignal.timeout = (ms) => {
    const over = new AbortController();
    setTimeout(() => over.abort(new DOMException('timeout', 'TimeoutError')), ms);
    return over.signal;
  };
  // The real one answers from another thread, whenever it likes.
  crypto.subtle.digest = async (_, data) =>
    Uint8Array.from(
      createHash('sha256')
        .update(data as Uint8Array)
        .digest(),
    ).buffer;
  const bySize = new Map<number, Random>();
  // By the size of what is drawn: parts of the product draw in stock, and what one cluster leaves of that must not change the next one.
  drawFrom((size) => {
    const known = bySize.get(size) ?? new Random(seed + size);
    bySize.set(size, known);
    return known;
  });
  return clock;
}

export function giveTimeBack(): void {
  drawFrom(undefined);
  Object.assign(globalThis, real);
  performance.now = realNow;
  Math.random = realRandom;
  AbortSignal.timeout = realTimeout;
  crypto.subtle.digest = realDigest;
}
