import { RunFailure } from './run-failure.ts';

/** Runs that work at the same time; each holds a session of the tool server, which has 256. */
const MOST_AT_WORK = 64;
/** Runs that wait for their turn, over all conversations. */
const MOST_WAITING = 512;

/** A place in the order. Disposing it lets the next one go on. */
export interface Turn extends Disposable {
  /** Resolves when it is this one's turn, or when `signal` aborts. */
  come(signal: AbortSignal): Promise<void>;
}

/** Whose turn it is: the runs of one conversation one after the other, those of different ones side by side up to a bound. */
export class Turns {
  readonly #mostAtWork: number;
  readonly #mostWaiting: number;
  /** The end of the last run of each conversation. */
  readonly #tails = new Map<string, Promise<void>>();
  readonly #queue = new Set<() => void>();
  #atWork = 0;
  #waiting = 0;

  constructor(bounds: { mostAtWork?: number; mostWaiting?: number } = {}) {
    this.#mostAtWork = bounds.mostAtWork ?? MOST_AT_WORK;
    this.#mostWaiting = bounds.mostWaiting ?? MOST_WAITING;
  }

  /** Takes a place in the order, at once. @throws RunFailure `too_busy` when too many wait already */
  take(thread: string): Turn {
    if (this.#waiting >= this.#mostWaiting) throw tooBusy(this.#mostWaiting);
    this.#waiting += 1;
    const before = this.#tails.get(thread) ?? Promise.resolve();
    const over = Promise.withResolvers<void>();
    // Whoever comes next waits for this one and for those before it, also when this one leaves early.
    const tail = before.then(() => over.promise);
    this.#tails.set(thread, tail);
    void tail.then(() => {
      if (this.#tails.get(thread) === tail) this.#tails.delete(thread);
    });
    let working = false;
    return {
      come: async (signal) => {
        working = (await cameBefore(before, signal)) && (await this.#place(signal));
        this.#waiting -= 1;
      },
      [Symbol.dispose]: () => {
        if (working) this.#leave();
        over.resolve();
      },
    };
  }

  /** Takes a place at work, when there is one; false when `signal` aborts first. */
  async #place(signal: AbortSignal): Promise<boolean> {
    if (this.#atWork < this.#mostAtWork) {
      this.#atWork += 1;
      return true;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#queue.add(resolve);
    // Who is no longer in the queue was given the place, whatever happened since.
    return (await cameBefore(promise, signal)) || !this.#queue.delete(resolve);
  }

  /** The place passes to the one that has waited longest. */
  #leave(): void {
    const [next] = this.#queue;
    if (next === undefined) this.#atWork -= 1;
    else {
      this.#queue.delete(next);
      next();
    }
  }
}

/** Whether `promise` resolved before `signal` aborted. */
async function cameBefore(promise: Promise<void>, signal: AbortSignal): Promise<boolean> {
  const aborted = Promise.withResolvers<void>();
  const onAbort = (): void => aborted.resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  await Promise.race([promise, aborted.promise]);
  signal.removeEventListener('abort', onAbort);
  return !signal.aborted;
}

function tooBusy(most: number): RunFailure {
  return new RunFailure({
    code: 'too_busy',
    message: `${most} messages are waiting to be worked on, and no more are taken.`,
    advice: 'Send the message again in a minute.',
  });
}
