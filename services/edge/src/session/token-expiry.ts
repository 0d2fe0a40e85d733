import { closeCodes } from '@reveille/contracts';
import type { Outbox } from './outbox.ts';

/** The longest delay of a timer. */
const longestMs = 2 ** 31 - 1;

/** Closes the session when its token has expired, unless it is renewed before. */
export class TokenExpiry implements Disposable {
  readonly #outbox: Outbox;
  #expiresAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param expiresAt epoch milliseconds; undefined: never */
  constructor(outbox: Outbox, expiresAt: number | undefined) {
    this.#outbox = outbox;
    this.set(expiresAt);
  }

  set(expiresAt: number | undefined): void {
    clearTimeout(this.#timer);
    this.#expiresAt = expiresAt;
    if (expiresAt === undefined) return;
    const leftMs = expiresAt - Date.now();
    this.#timer =
      leftMs > longestMs
        ? setTimeout(() => this.set(expiresAt), longestMs)
        : setTimeout(() => this.#outbox.close(closeCodes.tokenExpired), Math.max(0, leftMs));
  }

  /** Asked for each frame: the timer of a host that was suspended, or whose clock was set, comes too late. */
  holds(): boolean {
    if (this.#expiresAt === undefined || Date.now() < this.#expiresAt) return true;
    this.#outbox.close(closeCodes.tokenExpired);
    return false;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
