/** A line as it was written: undecoded dirt and all. `cut`: what came after the bound was dropped. */
export type RawLine = { text: string; cut: boolean };

/**
 * Cuts a stream of bytes into lines. Of a line without end only the first `maxBytes` are kept, so that no output, however
 * long, takes more memory than that. Bytes that are not UTF-8 become U+FFFD.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  readonly #emit: (line: RawLine) => void;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #cut = false;

  constructor(maxBytes: number, emit: (line: RawLine) => void) {
    this.#maxBytes = maxBytes;
    this.#emit = emit;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(10, from); end >= 0; end = chunk.indexOf(10, from)) {
      if (this.#pendingBytes === 0 && end - from <= this.#maxBytes) {
        this.#emit({ text: chunk.toString('utf8', from, end), cut: false });
      } else {
        this.#keep(chunk, from, end);
        this.flush();
      }
      from = end + 1;
    }
    if (from < chunk.length) this.#keep(chunk, from, chunk.length);
  }

  /** Emits what came since the last line end, if anything. */
  flush(): void {
    const line = this.pending();
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#cut = false;
    if (line !== undefined) this.#emit(line);
  }

  /** What came since the last line end. */
  pending(): RawLine | undefined {
    if (this.#pendingBytes === 0) return undefined;
    return { text: Buffer.concat(this.#pending).toString('utf8'), cut: this.#cut };
  }

  #keep(chunk: Buffer, from: number, end: number): void {
    const room = this.#maxBytes - this.#pendingBytes;
    const take = Math.min(room, end - from);
    if (take < end - from) this.#cut = true;
    if (take === 0) return;
    // A copy: a slice would keep the whole chunk alive.
    this.#pending.push(Buffer.from(chunk.subarray(from, from + take)));
    this.#pendingBytes += take;
  }
}
