import { type CloseCode, closeCodes, type ServerFrame } from '@reveille/contracts';
import type { Logger } from '@reveille/telemetry';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { type Encoded, encode } from '../deliver/encoded.ts';
import { TurnWrites } from '../deliver/turn-writes.ts';
import type { EdgeTimings } from '../timings.ts';

type Bounds = Pick<EdgeTimings, 'outboxBytes' | 'pauseBytes' | 'slowClientMs'>;

/** Close frames carry at most so many bytes of reason. */
const reasonBytes = 123;

/** What goes to one client: in order, bounded. A client that does not read first stops its service, then loses its socket. */
export class Outbox {
  readonly #socket: WebSocket;
  readonly #writes: TurnWrites;
  readonly #bounds: Bounds;
  readonly #logger: Logger;
  readonly #onPressure: (high: boolean) => void;
  #high = false;
  #slow: NodeJS.Timeout | undefined;
  #closed: CloseCode | undefined;

  /** @param onPressure called when the client's buffer rises above `pauseBytes`, and when it is half empty again */
  constructor(
    { socket, connection, logger }: { socket: WebSocket; connection: Duplex; logger: Logger },
    bounds: Bounds,
    onPressure: (high: boolean) => void,
  ) {
    this.#socket = socket;
    this.#writes = new TurnWrites(connection);
    this.#bounds = bounds;
    this.#logger = logger;
    this.#onPressure = onPressure;
    socket.once('close', () => clearTimeout(this.#slow));
  }

  /** The code that this side closed with, if it did. */
  get closedWith(): CloseCode | undefined {
    return this.#closed;
  }

  send(frame: ServerFrame): void {
    this.write(encode(frame));
  }

  write(frame: Encoded): void {
    if (this.#closed !== undefined || this.#socket.readyState !== this.#socket.OPEN) return;
    this.#writes.gather();
    this.#socket.send(frame, { binary: false }, this.#onWritten);
    this.#weigh();
  }

  /** Everything written before still goes out. Later frames are dropped. */
  close(code: CloseCode, reason: string = code.reason): void {
    if (this.#closed !== undefined) return;
    this.#closed = code;
    clearTimeout(this.#slow);
    this.#socket.close(code.code, cut(reason));
  }

  #onWritten = (): void => this.#weigh();

  #weigh(): void {
    const { bufferedAmount } = this.#socket;
    const { outboxBytes, pauseBytes, slowClientMs } = this.#bounds;
    if (!this.#high && bufferedAmount > pauseBytes) this.#press(true);
    else if (this.#high && bufferedAmount <= pauseBytes / 2) this.#press(false);
    if (bufferedAmount <= outboxBytes) {
      clearTimeout(this.#slow);
      this.#slow = undefined;
    } else if (this.#closed === undefined) {
      this.#slow ??= setTimeout(() => this.#tooSlow(), slowClientMs);
    }
  }

  #tooSlow(): void {
    this.#logger.warn({ buffered: this.#socket.bufferedAmount }, 'a client does not read');
    this.close(closeCodes.tooSlow);
  }

  #press(high: boolean): void {
    this.#high = high;
    this.#onPressure(high);
  }
}

function cut(reason: string): string {
  let short = reason;
  while (Buffer.byteLength(short) > reasonBytes) short = short.slice(0, -1);
  return short;
}
