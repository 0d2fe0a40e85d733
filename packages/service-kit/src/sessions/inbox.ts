import type { SessionLimits } from './session-limits.ts';
import type { SessionMessage } from './upstream-session.ts';

/** What to do with a delivered frame: `queued` (now or before), `taken` before (say so again), `lost` (by an earlier life), or `full`. */
export type Offer = 'queued' | 'taken' | 'lost' | 'full';

/** Delivered messages until the service pulls them, and the memory of those that it pulled. */
export class Inbox implements AsyncIterable<SessionMessage> {
  readonly #limits: SessionLimits;
  readonly #onTaken: (id: string) => void;
  /** Insertion order is order of taking: the first is the oldest. */
  readonly #taken: Set<string>;
  /** Those of them that an earlier life of the session took: what it said of them has gone with it. */
  readonly #lost: ReadonlySet<string>;
  readonly #queue = new Map<string, { message: SessionMessage; bytes: number }>();
  readonly #readers: ((result: IteratorResult<SessionMessage, undefined>) => void)[] = [];
  #bytes = 0;
  #ended = false;

  constructor(limits: SessionLimits, taken: Iterable<string>, onTaken: (id: string) => void) {
    this.#limits = limits;
    this.#taken = new Set(taken);
    this.#lost = new Set(this.#taken);
    this.#onTaken = onTaken;
  }

  /** @param bytes size of the frame that the message came in */
  offer(message: SessionMessage, bytes: number): Offer {
    if (this.#lost.has(message.id)) return 'lost';
    if (this.#taken.has(message.id)) return 'taken';
    if (this.#queue.has(message.id)) return 'queued';
    if (this.#queue.size >= this.#limits.inboxMessages || this.#bytes + bytes > this.#limits.inboxBytes) return 'full';
    this.#queue.set(message.id, { message, bytes });
    this.#bytes += bytes;
    const reader = this.#readers.shift();
    if (reader) reader(this.#pull());
    return 'queued';
  }

  /** Nothing more is given out; waiting readers end. */
  end(): void {
    this.#ended = true;
    this.#queue.clear();
    this.#bytes = 0;
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
  }

  get takenIds(): Iterable<string> {
    return this.#taken;
  }

  [Symbol.asyncIterator](): AsyncIterator<SessionMessage, undefined> {
    return {
      next: () => {
        if (this.#ended || this.#queue.size > 0) return Promise.resolve(this.#pull());
        return new Promise((resolve) => this.#readers.push(resolve));
      },
    };
  }

  #pull(): IteratorResult<SessionMessage, undefined> {
    const first = this.#queue.values().next().value;
    if (first === undefined) return { done: true, value: undefined };
    const { message, bytes } = first;
    this.#queue.delete(message.id);
    this.#bytes -= bytes;
    this.#taken.add(message.id);
    for (const oldest of this.#taken) {
      if (this.#taken.size <= this.#limits.takenIds) break;
      this.#taken.delete(oldest);
    }
    this.#onTaken(message.id);
    return { done: false, value: message };
  }
}
