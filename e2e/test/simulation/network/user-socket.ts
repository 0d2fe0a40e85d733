import type { Duplex } from 'node:stream';
import type { ServerFrame } from '@reveille/contracts';
import type { SimProcess } from '../sim-process.ts';
import { End, type Latency } from './end.ts';

/** The edge's side of a user's socket, and what that runs on: the edge writes frames of the wire to it. */
export class EdgeSide extends End {
  /** Sees each frame when the edge writes it. */
  onWritten: ((frame: ServerFrame) => void) | undefined;

  readonly connection: Duplex;

  constructor(process: SimProcess, latency: Latency) {
    super(process, latency);
    const handle = () => ({ bytesWritten: this.sentBytes, writeQueueSize: this.bufferedAmount });
    const buffered = () => this.bufferedAmount;
    this.connection = {
      write: (bytes: Buffer, written?: () => void) => this.#write(bytes, written),
      cork: () => undefined,
      uncork: () => undefined,
      get writableLength() {
        return buffered();
      },
      get _handle() {
        return handle();
      },
    } as unknown as Duplex;
  }

  override transmit(text: string, left?: () => void): void {
    this.onWritten?.(JSON.parse(text) as ServerFrame);
    super.transmit(text, left);
  }

  #write(bytes: Buffer, written?: () => void): void {
    const texts = [...textsIn(bytes)];
    for (const [at, text] of texts.entries()) this.transmit(text, at === texts.length - 1 ? written : undefined);
  }
}

/** Texts of unmasked frames, as a server writes them. */
function* textsIn(bytes: Buffer): Generator<string> {
  for (let at = 0; at < bytes.length;) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const head = short === 126 ? 4 : short === 127 ? 10 : 2;
    const length =
      short === 126 ? bytes.readUInt16BE(at + 2) : short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short;
    yield String(bytes.subarray(at + head, at + head + length));
    at += head + length;
  }
}

/** The user's side, as browsers have it. */
export class UserSide extends End {
  override readyState = 0;

  constructor(latency: Latency) {
    super(undefined, latency);
  }

  opened(): void {
    if (this.readyState !== 0) return;
    this.readyState = 1;
    this.emit('open');
    this.pump();
  }

  refused(): void {
    if (this.readyState !== 0) return;
    this.readyState = this.CLOSED;
    this.emit('error');
    this.emit('close', 1006, Buffer.alloc(0));
  }

  override close(code = 1000, reason = ''): void {
    if (this.readyState === 0) this.refused();
    else super.close(code, reason);
  }

  addEventListener(type: string, listener: (event: object) => void): void {
    this.on(type, (first?: unknown, second?: unknown) =>
      listener(type === 'message' ? { data: String(first) } : { code: first, reason: String(second ?? '') }),
    );
  }
}
