import type { Writable } from 'node:stream';

/**
 * Gathers what is written to one connection in one turn of the event loop, so that it leaves in one system call: one piece of input
 * often holds several messages, and each of them makes frames. Nothing waits for longer than the turn that it was written in.
 */
export class TurnWrites {
  readonly #connection: Pick<Writable, 'cork' | 'uncork'>;
  #gathering = false;

  constructor(connection: Pick<Writable, 'cork' | 'uncork'>) {
    this.#connection = connection;
  }

  /** To be called before each write. */
  gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    this.#connection.cork();
    // One callback for all connections of the turn: what everybody is told goes to thousands of them.
    if (gathering.push(this) === 1) process.nextTick(leave);
  }

  leave(): void {
    this.#gathering = false;
    this.#connection.uncork();
  }
}

/** Those that were written to in this turn. */
const gathering: TurnWrites[] = [];

function leave(): void {
  for (const writes of gathering.splice(0)) writes.leave();
}
