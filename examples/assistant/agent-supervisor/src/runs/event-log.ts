import { isLast, type AgentEvent, type RunEvent } from './run-event.ts';

/** A run says some dozens of things; one that says more than this is broken. */
const MOST_EVENTS = 1000;

/** What a run has said so far, for any number of readers, each from wherever it wants; it is closed by its last event. */
export class EventLog {
  readonly #run: string;
  readonly #events: RunEvent[] = [];
  #more = Promise.withResolvers<void>();

  constructor(run: string) {
    this.#run = run;
  }

  get closed(): boolean {
    const last = this.#events.at(-1);
    return last !== undefined && isLast(last);
  }

  append(event: AgentEvent): void {
    if (this.closed) throw new Error(`run ${this.#run} has said its last`);
    if (this.#events.length >= MOST_EVENTS) throw new Error(`run ${this.#run} says more than ${MOST_EVENTS} things`);
    const { type, ...rest } = event;
    // The order in which people read it: what, of which run, when.
    const stamped = { type, run: this.#run, n: this.#events.length + 1, at: Date.now(), ...rest };
    this.#events.push(stamped as RunEvent);
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  }

  /** The events after number `after`, also those yet to come, until the last or until `signal` aborts. */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<RunEvent, void> {
    const gone = Promise.withResolvers<void>();
    const onAbort = (): void => gone.resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      for (let next = after; !signal.aborted;) {
        const event = this.#events[next];
        if (event !== undefined) {
          next += 1;
          yield event;
        } else if (this.closed) return;
        else await Promise.race([this.#more.promise, gone.promise]);
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}
