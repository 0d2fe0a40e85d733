import type * as nodeCrypto from 'node:crypto';
import { createHash } from 'node:crypto';
import { vi } from 'vitest';
import { Random } from './random.ts';

/** By the size of what is drawn: parts of the product draw in stock, and what one cluster leaves of that must not change the next one. */
let drawn: ((size: number) => Random) | undefined;

export function takeOverTime(random: Random, seed: number): void {
  const bySize = new Map<number, Random>();
  drawn = (size) => {
    const known = bySize.get(size) ?? new Random(seed + size);
    bySize.set(size, known);
    return known;
  };
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
    now: 1_700_000_000_000,
  });
  mendRefresh();
  vi.spyOn(Math, 'random').mockImplementation(random.next);
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const over = new AbortController();
    setTimeout(() => over.abort(new DOMException('timeout', 'TimeoutError')), ms);
    return over.signal;
  });
  // The real one answers from another thread, whenever it likes.
  vi.spyOn(crypto.subtle, 'digest').mockImplementation(
    async (_, data) =>
      Uint8Array.from(
        createHash('sha256')
          .update(data as Uint8Array)
          .digest(),
      ).buffer,
  );
}

/** What the fake timers make of `refresh` disorders them, and timers get lost: a refreshed one is set anew here, under its first name. */
function mendRefresh(): void {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const renewed = new WeakMap<NodeJS.Timeout, NodeJS.Timeout>();
  const current = (timer: NodeJS.Timeout): NodeJS.Timeout => renewed.get(timer) ?? timer;
  const setTimeout = (...of: Parameters<typeof set>): NodeJS.Timeout => {
    const timer = set(...of);
    timer.refresh = () => {
      clear(current(timer));
      renewed.set(timer, set(...of));
      return timer;
    };
    return timer;
  };
  const clearTimeout = (timer: NodeJS.Timeout | undefined): void => clear(timer && current(timer));
  Object.assign(globalThis, { setTimeout, clearTimeout });
}

export function giveTimeBack(): void {
  drawn = undefined;
  vi.restoreAllMocks();
  vi.useRealTimers();
}

/** Stands in for what of `node:crypto` is random. */
export function seededCrypto(real: typeof nodeCrypto) {
  const randomBytes = (size: number): Buffer => {
    const random = drawn?.(size);
    return random ? Buffer.from(Array.from({ length: size }, () => random.between(0, 255))) : real.randomBytes(size);
  };
  const randomUUID = (): string =>
    randomBytes(16)
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { ...real, randomBytes, randomUUID };
}
