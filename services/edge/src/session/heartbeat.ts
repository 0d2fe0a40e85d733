import { closeCodes } from '@reveille/contracts';
import type { Outbox } from './outbox.ts';

/** Asks the client for a sign of life; one that has not answered a ping by the next one is gone. */
export class Heartbeat implements Disposable {
  readonly #timer: NodeJS.Timeout;
  #asked = false;

  constructor(outbox: Outbox, everyMs: number) {
    this.#timer = setInterval(() => {
      if (this.#asked) {
        clearInterval(this.#timer);
        return outbox.close(closeCodes.noPong);
      }
      this.#asked = true;
      outbox.send({ type: 'ping' });
    }, everyMs);
  }

  pong(): void {
    this.#asked = false;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
