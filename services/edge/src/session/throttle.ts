import { closeCodes } from '@reveille/contracts';
import type { WebSocket } from 'ws';
import type { EdgeTimings } from '../timings.ts';
import type { Allowance } from '../limit/allowance.ts';
import type { Outbox } from './outbox.ts';

type Of = {
  readonly socket: WebSocket;
  readonly outbox: Outbox;
  readonly allowance: Allowance;
  /** Messages per second of the user. */
  readonly limit: number;
  readonly timings: Pick<EdgeTimings, 'rateLimitedMs'>;
};

const windowMs = 1_000;
/** A client that was not limited for so long begins anew. */
const forgottenMs = 2_000;
/** Frames of any kind that one socket is heard with in a second: confirmations and signs of life come beside messages. */
const framesPerMessage = 10;
const framesBeside = 100;

/** How much one socket may say. Its messages count for its user over all edges; frames of any kind are bounded here, by not reading on. */
export class Throttle implements Disposable {
  readonly #of: Of;
  /** When the present frame came. */
  #now = 0;
  #windowEnds = 0;
  #frames = 0;
  #paused: NodeJS.Timeout | undefined;
  /** Since when, and until when at least, this client has been told that it says too much. */
  #limited: { since: number; last: number } | undefined;

  constructor(of: Of) {
    this.#of = of;
  }

  /** A frame has come. When it is one too many, what the socket has read already is still heard, and nothing more until the second is over. */
  frame(now: number = performance.now()): void {
    this.#now = now;
    if (now >= this.#windowEnds) [this.#windowEnds, this.#frames] = [now + windowMs, 0];
    this.#frames += 1;
    if (this.#frames > this.#mostFrames) this.#pause(Math.ceil(this.#windowEnds - now));
  }

  /** A message has come. Undefined: it may pass; else in how many milliseconds one may again. */
  message(): number | undefined {
    const retryAfterMs = this.#of.allowance.take(this.#now);
    if (retryAfterMs !== undefined) this.#note();
    return retryAfterMs;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#paused);
  }

  get #mostFrames(): number {
    return this.#of.limit * framesPerMessage + framesBeside;
  }

  #pause(retryAfterMs: number): void {
    if (this.#paused !== undefined) return;
    const { socket, outbox } = this.#of;
    this.#paused = setTimeout(() => {
      this.#paused = undefined;
      socket.resume();
    }, retryAfterMs);
    const message = `More than ${this.#mostFrames} frames per second: nothing is read for a moment.`;
    outbox.send({ type: 'error', code: 'rate_limited', message, retryAfterMs });
    this.#note();
    socket.pause();
  }

  #note(now: number = performance.now()): void {
    const goesOn = this.#limited !== undefined && now - this.#limited.last < forgottenMs;
    const since = goesOn && this.#limited !== undefined ? this.#limited.since : now;
    this.#limited = { since, last: now };
    if (now - since < this.#of.timings.rateLimitedMs) return;
    // A paused socket would not read the answer to its close.
    clearTimeout(this.#paused);
    this.#of.socket.resume();
    this.#of.outbox.close(closeCodes.rateLimited);
  }
}
