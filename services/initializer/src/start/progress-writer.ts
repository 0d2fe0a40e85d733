import type { Progress } from '@reveille/contracts';

/** At most one progress commit in so many milliseconds: a service may report a million phases. */
const everyMs = 100;

/** What is over sooner than this nobody reads: the first progress waits so long for a newer one, or for the end. */
const firstAfterMs = 10;

/** More than so many that were passed over in one attempt are said: somebody should know that the service speaks too much. */
const passedOverLimit = 1000;

/** Hands on the latest progress, not each: what is newer replaces what was not written yet. */
export class ProgressWriter implements AsyncDisposable {
  readonly #write: (progress: Progress) => Promise<unknown>;
  readonly #onError: (error: unknown) => void;
  #next: Progress | undefined;
  #last: string | undefined;
  #writing: Promise<void> | undefined;
  #pause: { end: () => void } | undefined;
  #closed = false;
  #passedOver = 0;

  constructor(write: (progress: Progress) => Promise<unknown>, onError: (error: unknown) => void) {
    this.#write = write;
    this.#onError = onError;
  }

  push(progress: Progress): void {
    const text = JSON.stringify(progress);
    if (this.#closed || text === this.#last) return;
    this.#last = text;
    if (this.#next !== undefined) this.#passedOver += 1;
    this.#next = progress;
    this.#writing ??= this.#drain();
  }

  /** What is not written yet is dropped: a later commit says more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#next = undefined;
    this.#pause?.end();
    await this.#writing;
    if (this.#passedOver > passedOverLimit)
      this.#onError(
        new Error(`${this.#passedOver} reports came faster than one in ${everyMs} ms and were passed over`),
      );
  }

  async #drain(): Promise<void> {
    await this.#wait(firstAfterMs);
    while (this.#next !== undefined && !this.#closed) {
      const progress = this.#next;
      this.#next = undefined;
      try {
        await this.#write(progress);
      } catch (error) {
        this.#onError(error);
      }
      await this.#wait(everyMs);
    }
    this.#writing = undefined;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#pause = {
        end: () => {
          clearTimeout(timer);
          resolve();
        },
      };
    });
  }
}
