import { RunFailure } from './run-failure.ts';

/** Runs that work at the same time; each holds a session of the tool server, which has 256. */
export const MOST_AT_WORK = 64;
/** Runs that wait for their turn, over all conversations. */
export const MOST_WAITING = 512;

/** Whose turn it is: the runs of one conversation one after the other, those of different ones side by side up to a bound. */
export class Turns {
  readonly #tails = new Map<string, Promise<void>>();
  readonly #queue: (() => void)[] = [];
  #atWork = 0;
  #waiting = 0;

  /** Takes a place in the order, at once. @throws RunFailure `too_busy` when too many wait already */
  take(thread: string): Turn {
    if (this.#waiting >= MOST_WAITING) {
      throw new RunFailure({
        code: 'too_busy',
        message: `${MOST_WAITING} messages are waiting to be worked on, and no more are taken.`,
        advice: 'Send the message again in a minute.',
      });
    }
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
      come: async () => {
        await before;
        if (this.#atWork >= MOST_AT_WORK) await new Promise<void>((resolve) => this.#queue.push(resolve));
        else this.#atWork += 1;
        working = true;
        this.#waiting -= 1;
      },
      [Symbol.dispose]: () => {
        if (working) this.#leave();
        over.resolve();
      },
    };
  }

  /** A place at work passes to the one that has waited longest. */
  #leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#atWork -= 1;
    else next();
  }
}

/** A place in the order. Disposing it, after its turn has come, lets the next one go on. */
export interface Turn extends Disposable {
  /** Resolves when it is this one's turn. */
  come(): Promise<void>;
}
