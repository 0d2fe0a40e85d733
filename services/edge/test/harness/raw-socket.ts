import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** A TCP connection that has been upgraded, for bytes that no WebSocket library would send. */
export class RawSocket implements AsyncDisposable {
  readonly #socket: Socket;
  #heard = Buffer.alloc(0);
  readonly #ended: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    this.#ended = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (data) => (this.#heard = Buffer.concat([this.#heard, data])));
  }

  static async open(url: string): Promise<RawSocket> {
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname);
    const raw = new RawSocket(socket);
    const head = [
      'GET /v1/connect/chat HTTP/1.1',
      `host: ${host}`,
      'connection: Upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      `sec-websocket-key: ${randomBytes(16).toString('base64')}`,
      'sec-websocket-protocol: reveille.v1',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    while (!raw.#heard.includes('\r\n\r\n')) await new Promise((resolve) => socket.once('data', resolve));
    raw.#heard = raw.#heard.subarray(raw.#heard.indexOf('\r\n\r\n') + 4);
    return raw;
  }

  say(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** What the edge has sent: opcodes and payloads, so far as they are whole. */
  get frames(): { opcode: number; payload: Buffer }[] {
    const frames: { opcode: number; payload: Buffer }[] = [];
    for (let at = 0; at + 1 < this.#heard.length;) {
      const size = this.#heard[at + 1]! & 0x7f;
      if (size === 126 && at + 4 > this.#heard.length) break;
      const [head, length] = size === 126 ? [4, this.#heard.readUInt16BE(at + 2)] : [2, size];
      if (at + head + length > this.#heard.length) break;
      const payload = this.#heard.subarray(at + head, at + head + length);
      frames.push({ opcode: this.#heard[at]! & 0x0f, payload });
      at += head + length;
    }
    return frames;
  }

  /** Says no more, and gives the code of the close frame, or 1006 when there was none. */
  async code(): Promise<number> {
    this.#socket.end();
    await this.#ended;
    const close = this.frames.find(({ opcode }) => opcode === 8);
    if (close === undefined) return 1006;
    return close.payload.length >= 2 ? close.payload.readUInt16BE(0) : 1005;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.#ended;
  }
}

/** One frame of a client (RFC 6455, 5.2), as wrong as it is asked to be. @param of.wide a length of 64 bits where 16 would do */
export function frameOf(
  first: number,
  payload: Uint8Array | string,
  {
    masked = true,
    size = Buffer.byteLength(payload),
    wide = true,
  }: { masked?: boolean; size?: number | bigint; wide?: boolean } = {},
): Buffer {
  const bit = masked ? 0x80 : 0;
  const isShort = size < 126;
  const length = isShort ? Buffer.from([bit | Number(size)]) : Buffer.alloc(wide ? 9 : 3, bit | (wide ? 127 : 126));
  if (!isShort && wide) length.writeBigUInt64BE(BigInt(size), 1);
  else if (!isShort) length.writeUInt16BE(Number(size), 1);
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([Buffer.from([first]), length, Buffer.alloc(masked ? 4 : 0), Buffer.from(payload)]);
}
