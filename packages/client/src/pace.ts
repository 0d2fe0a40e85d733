/** Somewhat longer than the second that edges count in: what is sent at its end may arrive sooner than the first. */
const windowMs = 1_100;

/**
 * Sends no more messages in any second than an edge takes, over all connections. What has to wait goes out in order. Looks back at
 * each moment: edges begin their seconds when they like.
 */
export class Pace {
  readonly #send: (id: string) => void;
  readonly #waiting = new Set<string>();
  /** When each of the last messages was sent, oldest first. Bounded by the limit. */
  #sentAt: number[] = [];
  #perSecond = 1;
  #heldUntil = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (id: string) => void) {
    this.#send = send;
  }

  /** An edge listens, and takes so many. */
  open(perSecond: number): void {
    this.#perSecond = perSecond;
  }

  add(id: string): void {
    this.#waiting.add(id);
    this.#go();
  }

  waits(id: string): boolean {
    return this.#waiting.has(id);
  }

  /** The edge takes nothing for so long: others of the same user talk too. Then these go, in this order: all that wait, and what it refused. */
  hold(ms: number, ids: Iterable<string>): void {
    this.#heldUntil = performance.now() + ms;
    this.#waiting.clear();
    for (const id of ids) this.#waiting.add(id);
    this.#go();
  }

  /** Nobody listens: nothing waits any more. What was sent counts on. */
  close(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  #go(): void {
    clearTimeout(this.#timer);
    for (const id of this.#waiting) {
      const now = performance.now();
      const mayGoAt = Math.max(this.#heldUntil, (this.#sentAt.at(-this.#perSecond) ?? -windowMs) + windowMs);
      if (mayGoAt > now) {
        this.#timer = setTimeout(() => this.#go(), Math.ceil(mayGoAt - now));
        return;
      }
      this.#sentAt.push(now);
      if (this.#sentAt.length > 2 * this.#perSecond) this.#sentAt = this.#sentAt.slice(-this.#perSecond);
      this.#waiting.delete(id);
      this.#send(id);
    }
  }
}
