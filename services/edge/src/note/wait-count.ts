/** Sessions named of one initialization by one edge; further ones are counted. */
const namedLimit = 100;

/** The users of this edge who wait for one initialization, as numbers, and what they were told at the end. */
export class WaitCount {
  #named = 0;
  #counted = 0;
  #open = 0;
  #connected = 0;
  #lastFailure: string | undefined;
  readonly #idle = new Set<() => void>();

  get isOver(): boolean {
    return this.#open <= 0;
  }

  /** How many waited that are not named, since this was asked last. */
  takeCounted(): number {
    const counted = this.#counted;
    this.#counted = 0;
    return counted;
  }

  /** One more waits. Returns whether it is to be named. */
  begin(): boolean {
    this.#open += 1;
    const isNamed = this.#named < namedLimit;
    if (isNamed) this.#named += 1;
    else this.#counted += 1;
    return isNamed;
  }

  /** One of them waits no more. @param outcome `connected`, a failure code, `left` or `cancelled` */
  end(outcome: string): void {
    this.#open -= 1;
    if (outcome === 'connected') this.#connected += 1;
    else if (outcome !== 'left' && outcome !== 'cancelled') this.#lastFailure = outcome;
    if (this.#open > 0) return;
    for (const resolve of this.#idle) resolve();
    this.#idle.clear();
  }

  /** Resolves when nobody waits, or with the signal. */
  async through(signal: AbortSignal): Promise<void> {
    if (this.isOver || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const over = (): void => resolve();
    this.#idle.add(over);
    signal.addEventListener('abort', over, { once: true });
    await promise;
    // The signal lives as long as the edge.
    signal.removeEventListener('abort', over);
  }

  /** The outcome of the plan, unless nobody was connected and somebody was told a failure: then that. */
  toldInstead(outcome: string): string {
    return this.#connected > 0 ? outcome : (this.#lastFailure ?? outcome);
  }
}
