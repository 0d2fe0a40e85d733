import type { SessionLimits } from './session-limits.ts';
import type { EmitOptions, Json } from './upstream-session.ts';

type Kept = { n: number; frame: string; bytes: number };
type Waiting = { json: string; options: EmitOptions; bytes: number; settled: PromiseWithResolvers<void> };

/** What surrounds `data` in a frame, at most: type, n, re (64 characters, escaped) and final. */
const envelopeBytes = 512;

/** What a session emitted: numbered without gaps and kept, in order, until the edge has confirmed it. */
export class EmitLog {
  readonly #limits: SessionLimits;
  readonly #send: (frame: string) => void;
  readonly #waiting: Waiting[] = [];
  #kept: Kept[] = [];
  #keptBytes = 0;
  #last: number;
  #ended: { reason: unknown } | undefined;

  /** @param last the highest number that the edge has; the first emit gets the next */
  constructor(limits: SessionLimits, last: number, send: (frame: string) => void) {
    this.#limits = limits;
    this.#last = last;
    this.#send = send;
  }

  /** Resolves when the frame is numbered and kept (and sent, when the edge is there). */
  async append(data: Json, options: EmitOptions): Promise<void> {
    if (this.#ended) throw this.#ended.reason;
    const json: string | undefined = JSON.stringify(data);
    if (json === undefined) throw new TypeError('What is emitted must be JSON.');
    if (options.re !== undefined && options.re.length > 64) throw new RangeError('`re` has at most 64 characters.');
    const bytes = Buffer.byteLength(json) + envelopeBytes;
    if (bytes > this.#limits.frameBytes) {
      throw new RangeError(`What is emitted has ${bytes} bytes; frameBytes is ${this.#limits.frameBytes}.`);
    }
    if (this.#waiting.length === 0 && this.#hasRoom(bytes)) return this.#keep(json, options, bytes);
    if (this.#waiting.length >= this.#limits.waitingEmits) {
      throw new RangeError(`More than ${this.#limits.waitingEmits} emits wait for the edge: await each of them.`);
    }
    const settled = Promise.withResolvers<void>();
    this.#waiting.push({ json, options, bytes, settled });
    return settled.promise;
  }

  /** Does a connection that has everything up to `n` fit to what is kept? */
  continuesFrom(n: number): boolean {
    return n <= this.#last && n >= this.#last - this.#kept.length;
  }

  /** The edge has everything up to `n`. False when it cannot: so much was never emitted. */
  confirm(n: number): boolean {
    if (n > this.#last) return false;
    this.#drop(n);
    this.#admitWaiting();
    return true;
  }

  /** A new connection has everything up to `n`: the rest is sent again, and only then what waited for room. */
  resume(n: number): void {
    this.#drop(n);
    for (const { frame } of this.#kept) this.#send(frame);
    this.#admitWaiting();
  }

  end(reason: unknown): void {
    this.#ended = { reason };
    this.#kept = [];
    this.#keptBytes = 0;
    for (const { settled } of this.#waiting.splice(0)) settled.reject(reason);
  }

  #drop(n: number): void {
    const first = this.#kept.findIndex((entry) => entry.n > n);
    const dropped = this.#kept.splice(0, first === -1 ? this.#kept.length : first);
    for (const { bytes } of dropped) this.#keptBytes -= bytes;
  }

  #admitWaiting(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoom(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#keep(next.json, next.options, next.bytes);
      next.settled.resolve();
    }
  }

  /** One frame always fits, however small the bound. */
  #hasRoom(bytes: number): boolean {
    if (this.#kept.length === 0) return true;
    return this.#kept.length < this.#limits.keptMessages && this.#keptBytes + bytes <= this.#limits.keptBytes;
  }

  #keep(json: string, { re, final }: EmitOptions, bytes: number): void {
    const n = ++this.#last;
    const head = JSON.stringify({ type: 'emit', n, ...(re === undefined ? {} : { re }), ...(final ? { final } : {}) });
    // `data` is spliced in as it is: it was encoded once, to know its size before it got a number.
    const frame = `${head.slice(0, -1)},"data":${json}}`;
    this.#kept.push({ n, frame, bytes });
    this.#keptBytes += bytes;
    this.#send(frame);
  }
}
