import { type CloseCode, closeCodes, type ServerFrame } from '@reveille/contracts';
import { TurnWrites } from '@reveille/lifecycle';
import type { Logger } from '@reveille/telemetry';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { type Encoded, encode, onTheWire, type Prepared } from '../deliver/encoded.ts';
import type { EdgeTimings } from '../timings.ts';
import { SlowWatch, takenBytes } from './slow-watch.ts';

type Bounds = Pick<EdgeTimings, 'outboxBytes' | 'pauseBytes' | 'slowClientMs'>;

/** Close frames carry at most so many bytes of reason. */
const reasonBytes = 123;

/** Larger frames are not copied to stand in one buffer with their header. */
const copiedBytes = 16_384;

type Waiting = { readonly transmit: () => void; readonly bytes: number; ready: boolean; goes: boolean };

/** What goes to one client: in order, bounded. A client that does not read first stops its service, then loses its socket. */
export class Outbox implements Disposable {
  readonly #socket: WebSocket;
  readonly #connection: Duplex;
  readonly #writes: TurnWrites;
  readonly #bounds: Bounds;
  readonly #logger: Logger;
  readonly #onPressure: (high: boolean) => void;
  /** Frames that wait for something, and those behind them: nothing that is written later overtakes. Bounded by `pauseBytes`. */
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #whenReleased: (() => void) | undefined;
  #isReleasing = false;
  #high = false;
  /** While it is high. */
  #slow: SlowWatch | undefined;
  #closed: CloseCode | undefined;

  /** @param onPressure called when the client's buffer rises above `pauseBytes`, and when it is half empty again */
  constructor(
    { socket, connection, logger }: { socket: WebSocket; connection: Duplex; logger: Logger },
    bounds: Bounds,
    onPressure: (high: boolean) => void,
  ) {
    this.#socket = socket;
    this.#connection = connection;
    this.#writes = new TurnWrites(connection);
    this.#bounds = bounds;
    this.#logger = logger;
    this.#onPressure = onPressure;
  }

  /** The socket has closed. */
  [Symbol.dispose](): void {
    this.#slow?.[Symbol.dispose]();
  }

  /** More than `pauseBytes` wait for the client to read. */
  get isHigh(): boolean {
    return this.#high;
  }

  /** Something waits for the client to read. */
  get hasBacklog(): boolean {
    return this.#connection.writableLength > 0;
  }

  /** How many bytes have left for the client. */
  get takenBytes(): number {
    return takenBytes(this.#connection);
  }

  /** The code that this side closed with, if it did. */
  get closedWith(): CloseCode | undefined {
    return this.#closed;
  }

  send(frame: ServerFrame): void {
    this.write(encode(frame));
  }

  write(frame: Encoded): void {
    if (this.#closed !== undefined) return;
    if (this.#waiting.length > 0) this.#enqueue(frame, () => this.#transmit(frame), true);
    else this.#transmit(frame);
  }

  /** As `write`, of frames that others get too. They leave at once: to gather what is one piece already costs more than its system call. */
  writeWhole(frames: Prepared): void {
    if (this.#closed !== undefined) return;
    if (this.#waiting.length > 0) this.#enqueue(frames, () => this.#transmitWhole(frames), true);
    else this.#transmitWhole(frames);
  }

  /** As `write`, once `before` has resolved with true; with false the frame is dropped. */
  writeAfter(before: Promise<boolean>, frame: Encoded): void {
    if (this.#closed !== undefined) return;
    const entry = this.#enqueue(frame, () => this.#transmit(frame), false);
    void before.then((goes) => {
      entry.ready = true;
      entry.goes = goes;
      this.#release();
    });
  }

  /** Everything written before still goes out. Later frames are dropped. */
  close(code: CloseCode, reason: string = code.reason): void {
    if (this.#closed !== undefined) return;
    this.#closed = code;
    this.#slow?.[Symbol.dispose]();
    const close = (): void => this.#socket.close(code.code, cut(reason));
    if (this.#waiting.length === 0) close();
    else this.#whenReleased = close;
  }

  #enqueue({ length: bytes }: Buffer, transmit: () => void, ready: boolean): Waiting {
    const entry = { transmit, bytes, ready, goes: true };
    this.#waiting.push(entry);
    this.#waitingBytes += bytes;
    this.#weigh();
    return entry;
  }

  #release(): void {
    const firstUnready = this.#waiting.findIndex(({ ready }) => !ready);
    const ready = this.#waiting.splice(0, firstUnready === -1 ? this.#waiting.length : firstUnready);
    this.#isReleasing = true;
    for (const { transmit, bytes, goes } of ready) {
      this.#waitingBytes -= bytes;
      if (goes) transmit();
    }
    this.#isReleasing = false;
    this.#weigh();
    if (this.#waiting.length === 0) this.#whenReleased?.();
  }

  #transmit(frame: Encoded): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#writes.gather();
    if (frame.length <= copiedBytes) return this.#put(onTheWire(frame));
    this.#socket.send(frame, { binary: false }, this.#onWritten);
    this.#weigh();
  }

  #transmitWhole(frames: Prepared): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#put(frames);
  }

  /** What finds nothing before it and is small does not press: only what waits behind others has to be weighed when it has left. */
  #put(bytes: Buffer): void {
    const isLight = bytes.length <= copiedBytes && this.#connection.writableLength === 0 && this.#waiting.length === 0;
    if (isLight) {
      this.#connection.write(bytes);
      return;
    }
    this.#connection.write(bytes, this.#onWritten);
    this.#weigh();
  }

  #onWritten = (): void => this.#weigh();

  get #buffered(): number {
    return this.#socket.bufferedAmount + this.#waitingBytes;
  }

  /** Who hears of the pressure may write: that comes behind all that is being released. */
  #weigh(): void {
    if (this.#isReleasing) return;
    const { pauseBytes } = this.#bounds;
    if (!this.#high && this.#buffered > pauseBytes) this.#press(true);
    else if (this.#high && this.#buffered <= pauseBytes / 2) this.#press(false);
  }

  #tooSlow(): void {
    this.#logger.warn({ buffered: this.#socket.bufferedAmount }, 'a client does not read');
    this.close(closeCodes.tooSlow);
  }

  #press(high: boolean): void {
    this.#high = high;
    this.#slow?.[Symbol.dispose]();
    this.#slow = high && this.#closed === undefined ? this.#watch() : undefined;
    this.#onPressure(high);
  }

  #watch(): SlowWatch {
    return new SlowWatch({
      connection: this.#connection,
      bounds: this.#bounds,
      buffered: () => this.#buffered,
      onTooSlow: () => this.#tooSlow(),
    });
  }
}

function cut(reason: string): string {
  let short = reason;
  while (Buffer.byteLength(short) > reasonBytes) short = short.slice(0, -1);
  return short;
}
