/** Somewhat longer than the second that the edge counts in: what is sent at its end may arrive sooner than the first. */
const windowMs = 1_100;

/** Sends no more messages per second than the edge takes. What has to wait goes out in order. */
export class Pace {
  readonly #perSecond: number;
  readonly #send: (id: string) => void;
  readonly #waiting = new Set<string>();
  #windowEnds = 0;
  #sent = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(perSecond: number, send: (id: string) => void) {
    this.#perSecond = perSecond;
    this.#send = send;
  }

  add(id: string): void {
    this.#waiting.add(id);
    this.#go();
  }

  /** The edge takes nothing for so long: others of the same user talk too. */
  hold(ms: number): void {
    this.#windowEnds = performance.now() + ms;
    this.#sent = this.#perSecond;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  #go(): void {
    for (const id of this.#waiting) {
      const now = performance.now();
      if (now >= this.#windowEnds) [this.#windowEnds, this.#sent] = [now + windowMs, 0];
      if (this.#sent >= this.#perSecond) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#go(), this.#windowEnds - now);
        return;
      }
      this.#sent += 1;
      this.#waiting.delete(id);
      this.#send(id);
    }
  }
}
