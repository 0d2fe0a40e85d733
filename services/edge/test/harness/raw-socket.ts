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

  /** Says no more, and gives the code of the close frame, or 1006 when there was none. */
  async code(): Promise<number> {
    this.#socket.end();
    await this.#ended;
    for (let at = 0; at + 1 < this.#heard.length;) {
      const size = this.#heard[at + 1]! & 0x7f;
      const [head, length] = size === 126 ? [4, this.#heard.readUInt16BE(at + 2)] : [2, size];
      if ((this.#heard[at]! & 0x0f) === 8) return length >= 2 ? this.#heard.readUInt16BE(at + head) : 1005;
      at += head + length;
    }
    return 1006;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.#ended;
  }
}

/** One frame of a client (RFC 6455, 5.2), as wrong as it is asked to be. */
export function frameOf(
  first: number,
  payload: Uint8Array | string,
  { masked = true, size = Buffer.byteLength(payload) }: { masked?: boolean; size?: number | bigint } = {},
): Buffer {
  const bit = masked ? 0x80 : 0;
  const length = size < 126 ? Buffer.from([bit | Number(size)]) : Buffer.alloc(9, bit | 127);
  if (length.length > 1) length.writeBigUInt64BE(BigInt(size), 1);
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([Buffer.from([first]), length, Buffer.alloc(masked ? 4 : 0), Buffer.from(payload)]);
}
