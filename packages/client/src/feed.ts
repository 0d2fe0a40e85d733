import { ReveilleError } from './reveille-error.ts';

/**
 * A bounded queue with one writer and readers that iterate. A socket cannot be asked to wait, so a reader that falls behind by more
 * than `limit` items gets what is queued and then an `overflow` error: nothing is left out in silence.
 */
export class Feed<T> implements AsyncIterableIterator<T, undefined> {
  readonly #limit: number;
  readonly #onEnd: () => void;
  readonly #queue: T[] = [];
  readonly #readers: PromiseWithResolvers<IteratorResult<T, undefined>>[] = [];
  #end: { error?: Error } | undefined;

  /** @param onEnd called once: nothing more is taken, because the writer ended, the reader left or it was too slow */
  constructor(limit: number, onEnd: () => void) {
    this.#limit = limit;
    this.#onEnd = onEnd;
  }

  push(item: T): void {
    if (this.#end) return;
    const reader = this.#readers.shift();
    if (reader) return reader.resolve({ done: false, value: item });
    if (this.#queue.length >= this.#limit) {
      this.fail(new ReveilleError('overflow', `The reader fell behind by more than ${this.#limit} frames.`));
      return;
    }
    this.#queue.push(item);
  }

  /** What is queued is still read, then the loop ends. */
  end(): void {
    this.#finish({});
  }

  /** What is queued is still read, then the loop throws. */
  fail(error: Error): void {
    this.#finish({ error });
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#queue.length > 0) return Promise.resolve({ done: false, value: this.#queue.shift()! });
    if (this.#end) {
      const { error } = this.#end;
      this.#end = {};
      return error ? Promise.reject(error) : Promise.resolve({ done: true, value: undefined });
    }
    const reader = Promise.withResolvers<IteratorResult<T, undefined>>();
    this.#readers.push(reader);
    return reader.promise;
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#queue.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(end: { error?: Error }): void {
    if (this.#end) return;
    const [first, ...others] = this.#readers.splice(0);
    // An error is told once, to whoever waits first; kept for the next read when nobody does.
    this.#end = first ? {} : end;
    if (end.error && first) first.reject(end.error);
    else first?.resolve({ done: true, value: undefined });
    for (const reader of others) reader.resolve({ done: true, value: undefined });
    this.#onEnd();
  }
}
