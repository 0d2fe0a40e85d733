import type { Duplex } from 'node:stream';
import type { EdgeTimings } from '../timings.ts';

type Of = {
  readonly connection: Duplex;
  readonly bounds: Pick<EdgeTimings, 'outboxBytes' | 'slowClientMs'>;
  /** Everything that waits for the client. */
  buffered(): number;
  onTooSlow(): void;
};

/** So many looks in a row make up `slowClientMs`: an edge that stood still looks once when it goes on, and accuses nobody. */
const looks = 4;

/** For as long as much waits for a client: whether it takes any of it, and whether far too much waits. */
export class SlowWatch implements Disposable {
  readonly #of: Of;
  readonly #timer: NodeJS.Timeout;
  #taken: number;
  /** Looks in a row that found it too slow. */
  #slow = 0;

  constructor(of: Of) {
    this.#of = of;
    this.#taken = takenBytes(of.connection);
    this.#timer = setInterval(() => this.#look(), of.bounds.slowClientMs / looks);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { connection, bounds, buffered, onTooSlow } = this.#of;
    const taken = takenBytes(connection);
    // What waits for something else than the client is not held against it.
    const takesNothing = taken === this.#taken && connection.writableLength > 0;
    this.#taken = taken;
    this.#slow = takesNothing || buffered() > bounds.outboxBytes ? this.#slow + 1 : 0;
    if (this.#slow === looks) onTooSlow();
  }
}

/** Of Node, but not in its types: what the system was given to write, and what of that still waits for the peer. */
type Handle = { readonly bytesWritten: number; readonly writeQueueSize: number };

/** How many bytes have left. In the middle of a write too, all of which `writableLength` counts until its last byte has gone. */
export function takenBytes(connection: Duplex): number {
  const { _handle: handle } = connection as { _handle?: Handle | null };
  return handle ? handle.bytesWritten - handle.writeQueueSize : 0;
}
