type Entry = { readonly at: number; readonly order: number; readonly timer: SimTimer };

/** Cleared timers stay where they are until their time comes, unless they are more than these and more than half of all. */
const mostStale = 256;
/** As timers of Node: whatever is longer is set for 1 ms. */
const longestMs = 2 ** 31 - 1;

/** What `setTimeout` gives back. */
class SimTimer implements Disposable {
  readonly clock: Clock;
  readonly run: () => void;
  readonly ms: number;
  readonly isRepeated: boolean;
  /** Of its entry that counts; undefined once it has run or was cleared. */
  order: number | undefined;

  constructor(clock: Clock, run: () => void, of: { ms: number; isRepeated: boolean }) {
    this.clock = clock;
    this.run = run;
    this.ms = of.ms;
    this.isRepeated = of.isRepeated;
  }

  refresh(): this {
    this.clock.set(this);
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  [Symbol.dispose](): void {
    this.clock.clear(this);
  }
}

/**
 * Timers on a clock that stands still until it is told to go on. Its own, because it is asked for each step of each cluster: fake timers
 * of test libraries took an eighth of the time, and lose timers that are refreshed.
 */
export class Clock {
  now: number;
  readonly #heap: Entry[] = [];
  #orders = 0;
  #stale = 0;
  #isRunning = false;

  constructor(now: number) {
    this.now = now;
  }

  /** Whether anything is to run up to then. */
  isDue(at: number): boolean {
    const first = this.#heap[0];
    return first !== undefined && first.at <= at;
  }

  /** Runs what is due meanwhile, each at its time, in the order in which it was set. @throws the first thing that any of it threw */
  advance(ms: number): void {
    const until = this.now + ms;
    const thrown: unknown[] = [];
    this.#isRunning = true;
    for (let first = this.#heap[0]; first !== undefined && first.at <= until; first = this.#heap[0]) {
      const { at, order, timer } = first;
      this.#removeFirst();
      if (timer.order !== order) {
        this.#stale--;
        continue;
      }
      this.now = at;
      timer.order = undefined;
      if (timer.isRepeated) this.set(timer);
      try {
        timer.run();
      } catch (error) {
        thrown.push(error);
      }
    }
    this.#isRunning = false;
    this.now = until;
    if (thrown.length > 0) throw thrown[0];
  }

  timer(run: () => void, ms: number | undefined, isRepeated: boolean): SimTimer {
    const whole = Math.trunc(Number(ms ?? 0));
    const waits = whole > longestMs ? 1 : Math.max(0, whole || 0);
    return this.set(new SimTimer(this, run, { ms: waits, isRepeated }));
  }

  set(timer: SimTimer): SimTimer {
    this.clear(timer);
    timer.order = ++this.#orders;
    // One that is set for now by one that runs now would never let time go on.
    this.#add({ at: this.now + (timer.ms || (this.#isRunning ? 1 : 0)), order: timer.order, timer });
    return timer;
  }

  clear(timer: SimTimer | undefined): void {
    if (timer?.order === undefined) return;
    timer.order = undefined;
    if (++this.#stale <= mostStale || this.#stale * 2 <= this.#heap.length) return;
    const left = this.#heap.filter((entry) => entry.timer.order === entry.order);
    this.#heap.length = 0;
    this.#stale = 0;
    for (const entry of left) this.#add(entry);
  }

  #add(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    for (let up = (at - 1) >> 1; at > 0 && isBefore(entry, heap[up] as Entry); up = (at - 1) >> 1) {
      heap[at] = heap[up] as Entry;
      at = up;
    }
    heap[at] = entry;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop() as Entry;
    if (heap.length === 0) return;
    let at = 0;
    for (let down = 1; down < heap.length; down = 2 * at + 1) {
      if (down + 1 < heap.length && isBefore(heap[down + 1] as Entry, heap[down] as Entry)) down++;
      if (!isBefore(heap[down] as Entry, last)) break;
      heap[at] = heap[down] as Entry;
      at = down;
    }
    heap[at] = last;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
