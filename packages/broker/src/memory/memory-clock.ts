/** The one clock of a twin, with what is to happen at a later time of it. Nothing runs by itself: time is moved from outside. */
export class MemoryClock {
  readonly #source: (() => number) | undefined;
  readonly #timers: { at: number; order: number; run: () => void }[] = [];
  #now = 1_700_000_000_000;
  #order = 0;

  constructor(source?: () => number) {
    this.#source = source;
  }

  /** Epoch milliseconds. */
  now(): number {
    return this.#source?.() ?? this.#now;
  }

  /**
   * Moves the clock and runs what falls due on the way, each at its own time.
   * @throws TypeError when the time comes from outside: then move that and call `tick`.
   */
  advance(ms: number): void {
    if (this.#source !== undefined)
      throw new TypeError('this twin follows a clock from outside: move that, then tick()');
    const target = this.#now + ms;
    for (let next = this.#next(target); next !== undefined; next = this.#next(target)) {
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = target;
  }

  /** Runs what has fallen due. */
  tick(): void {
    for (let next = this.#next(this.now()); next !== undefined; next = this.#next(this.now())) next.run();
  }

  after(ms: number, run: () => void): void {
    this.#timers.push({ at: this.now() + ms, order: this.#order++, run });
  }

  #next(until: number): { at: number; run: () => void } | undefined {
    const due = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.order - b.order);
    const [first] = due;
    if (first !== undefined) this.#timers.splice(this.#timers.indexOf(first), 1);
    return first;
  }
}
