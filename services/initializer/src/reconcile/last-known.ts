import type { Reading } from '@reveille/orchestration';

/**
 * What the holder of a claim knows of its instance: what its own last commit left. As good as a reading for as long as nobody else
 * changes the instance, and who does changes the token. Its clock goes on by that of this process.
 */
export class LastKnown {
  #reading: Reading;
  #at = performance.now();

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  learn(reading: Reading): void {
    this.#reading = reading;
    this.#at = performance.now();
  }

  /** The reading as it would be now, had nobody changed anything. */
  present(): Reading {
    const sinceMs = Math.floor(performance.now() - this.#at);
    const { now, nowUs } = this.#reading;
    return { ...this.#reading, now: now + sinceMs, nowUs: nowUs + sinceMs * 1000 };
  }
}
