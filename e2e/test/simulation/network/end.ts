import { EventEmitter } from 'node:events';
import { sleep } from '@reveille/lifecycle';
import type { SimProcess } from '../sim-process.ts';

/** Something on its way to an end. `left` is called when that reads it. */
type Item = { readonly due: number; readonly bytes: number; arrive(): void; left?(): void };

/** How long a closing handshake may take, milliseconds. */
const closeTimeoutMs = 2000;
const lostCode = 1006;

/** Whose latencies: milliseconds until what is sent now arrives. */
export type Latency = () => number;

/**
 * One end of a WebSocket connection without a network, with what the product uses of `ws`: what is sent arrives later and in order,
 * unless this side does not read, its process is frozen, or one of both is gone.
 */
export class End extends EventEmitter {
  readonly OPEN = 1;
  readonly CLOSED = 3;
  readyState = 1;
  readonly process: SimProcess | undefined;
  readonly #latency: Latency;
  #peer: End | undefined;
  readonly #incoming: Item[] = [];
  readonly #held: (() => void)[] = [];
  #pumping = false;
  #paused = false;
  #lastDue = 0;
  #sent = 0;
  #closing: NodeJS.Timeout | undefined;

  constructor(process: SimProcess | undefined, latency: Latency) {
    super();
    this.process = process;
    this.#latency = latency;
  }

  static join(one: End, other: End): void {
    one.#peer = other;
    other.#peer = one;
  }

  /** Bytes that were sent, and how many of them the peer has not read. */
  get sentBytes(): number {
    return this.#sent;
  }
  get bufferedAmount(): number {
    const peer = this.#peer;
    return peer === undefined ? 0 : peer.#incoming.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  send(data: string | Buffer, ...more: unknown[]): void {
    const written = more.find((one) => typeof one === 'function') as ((error?: Error) => void) | undefined;
    if (this.readyState !== this.OPEN) return process.nextTick(() => written?.(new Error('the socket is not open')));
    const text = String(data);
    this.transmit(text);
    process.nextTick(() => written?.());
  }

  /** @param left when the peer has read it */
  transmit(text: string, left?: () => void): void {
    this.#push(text.length, (peer) => peer.heard(text), left);
  }

  protected heard(text: string): void {
    this.emit('message', Buffer.from(text), false);
  }

  ping(): void {
    this.#push(0, (peer) => peer.#push(0, (self) => self.emit('pong')));
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.pump();
  }

  close(code = 1005, reason = ''): void {
    if (this.readyState >= 2) return;
    this.readyState = 2;
    this.#push(0, (peer) => peer.#peerCloses(code, reason));
    this.#closing = setTimeout(() => this.#over(lostCode, ''), closeTimeoutMs);
  }

  /** Ends without a word: the peer notices that the connection is gone, also of a process that stands still. */
  terminate(): void {
    if (this.readyState === this.CLOSED) return;
    const peer = this.#peer;
    if (peer !== undefined) this.#put(peer, { bytes: 0, arrive: () => peer.#over(lostCode, '') });
    this.readyState = 2;
    process.nextTick(() => this.#over(lostCode, ''));
  }

  /** As in a crash: nothing more leaves either. */
  lose(): void {
    this.terminate();
    this.#peer = undefined;
  }

  /** Reads what has come, as far as it may. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    void this.#read();
  }

  async #read(): Promise<void> {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const waitMs = next.due - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      if (this.process?.frozen) await this.process.thawed;
      // Input comes in turns of its own, as of streams: never between two steps of one chain of promises.
      else await new Promise<void>((resolve) => process.nextTick(resolve));
      if (this.#next() !== next) continue;
      this.#incoming.shift();
      next.left?.();
      next.arrive();
    }
    this.#pumping = false;
  }

  #next(): Item | undefined {
    return this.#paused || this.readyState === 0 || this.readyState === this.CLOSED ? undefined : this.#incoming[0];
  }

  #push(bytes: number, arrive: (peer: End) => void, left?: () => void): void {
    const peer = this.#peer;
    if (peer === undefined || this.process?.crashed) return;
    this.#sent += bytes;
    const put = (): void => this.#put(peer, { bytes, arrive: () => arrive(peer), ...(left && { left }) });
    // What a frozen process writes by its timers leaves it when it goes on, before all that it writes then.
    if (!this.process?.frozen && this.#held.length === 0) return put();
    this.#held.push(put);
    if (this.#held.length === 1) void this.#letGo();
  }

  async #letGo(): Promise<void> {
    while (this.process?.frozen) await this.process.thawed;
    const held = this.#held.splice(0);
    if (!this.process?.crashed) for (const put of held) put();
  }

  #put(peer: End, item: Omit<Item, 'due'>): void {
    this.#lastDue = Math.max(this.#lastDue, performance.now() + this.#latency());
    peer.#incoming.push({ ...item, due: this.#lastDue });
    peer.pump();
  }

  #peerCloses(code: number, reason: string): void {
    if (this.readyState === this.OPEN) {
      this.readyState = 2;
      this.#push(0, (peer) => peer.#over(code, reason));
    }
    this.#over(code, reason);
  }

  #over(code: number, reason: string): void {
    if (this.readyState === this.CLOSED) return;
    this.readyState = this.CLOSED;
    clearTimeout(this.#closing);
    this.#incoming.length = 0;
    this.emit('close', code, Buffer.from(reason));
  }
}
