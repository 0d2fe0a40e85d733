import { closeCodes } from '@reveille/contracts';
import type { Outbox } from './outbox.ts';

/** Asks the client for a sign of life; one that has not answered a ping by the next one is gone. */
export class Heartbeat implements Disposable {
  readonly #outbox: Outbox;
  readonly #timer: NodeJS.Timeout;
  #asked = false;
  #taken = 0;

  constructor(outbox: Outbox, everyMs: number) {
    this.#outbox = outbox;
    this.#timer = setInterval(() => this.#beat(), everyMs);
  }

  pong(): void {
    this.#asked = false;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    if (this.#isAnswerFarOff()) return;
    if (this.#asked) {
      clearInterval(this.#timer);
      return this.#outbox.close(closeCodes.noPong);
    }
    this.#asked = true;
    this.#outbox.send({ type: 'ping' });
  }

  /** A ping stands behind all that waits. Who takes some of that lives; where much waits, the outbox watches whether anything is taken. */
  #isAnswerFarOff(): boolean {
    const { takenBytes, hasBacklog, isHigh } = this.#outbox;
    const hasTaken = takenBytes !== this.#taken;
    this.#taken = takenBytes;
    return isHigh || (hasBacklog && hasTaken);
  }
}
