const HEADER_BYTES = 8;

/**
 * Takes apart the stream of a container without a terminal: frames of an 8-byte header (stream 1 or 2, three zeroes, the length
 * big-endian) and that many bytes.
 */
export class LogFrames {
  readonly #out: (stream: 'stdout' | 'stderr', bytes: Buffer) => void;
  #header = Buffer.alloc(0);
  #left = 0;
  #stream: 'stdout' | 'stderr' = 'stdout';

  constructor(out: (stream: 'stdout' | 'stderr', bytes: Buffer) => void) {
    this.#out = out;
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#left === 0) {
        const missing = HEADER_BYTES - this.#header.length;
        this.#header = Buffer.concat([this.#header, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (this.#header.length < HEADER_BYTES) return;
        this.#stream = this.#header[0] === 2 ? 'stderr' : 'stdout';
        this.#left = this.#header.readUInt32BE(4);
        this.#header = Buffer.alloc(0);
        continue;
      }
      const payload = rest.subarray(0, this.#left);
      this.#left -= payload.length;
      rest = rest.subarray(payload.length);
      this.#out(this.#stream, payload);
    }
  }
}
