/** How long a confirmation may wait for more messages to confirm with it. */
const gatherMs = 50;
/** Messages after which it waits no longer. */
const gatherMessages = 32;

/** Tells the edge what has arrived, so that it may forget it: seldom, since one `received` covers all before it. */
export class Received {
  readonly #send: (seq: number) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #confirmed = 0;
  #last = 0;

  constructor(send: (seq: number) => void) {
    this.#send = send;
  }

  /** The last message of the session that arrived; 0 = none. */
  get lastSeq(): number {
    return this.#last;
  }

  /** `new` is the next one, `seen` arrived before, `gap` leaves some out. */
  classify(seq: number): 'new' | 'seen' | 'gap' {
    if (seq <= this.#last) return 'seen';
    return seq === this.#last + 1 ? 'new' : 'gap';
  }

  note(seq: number): void {
    this.#last = seq;
    if (seq - this.#confirmed >= gatherMessages) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), gatherMs);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#last === this.#confirmed) return;
    this.#confirmed = this.#last;
    this.#send(this.#last);
  }

  /** Another client had all up to here. */
  startAfter(seq: number): void {
    this.#last = this.#confirmed = seq;
  }

  /** A new session counts from 1 again. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#last = this.#confirmed = 0;
  }
}
