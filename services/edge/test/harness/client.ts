import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type ServerFrame, serverFrame, type ServerFrameOf } from '@reveille/contracts';
import { WebSocket } from 'ws';

export type Closed = { code: number; reason: string };

/** A user's socket. Keeps every frame, each checked against the schema of the wire. */
export class Client implements AsyncDisposable {
  readonly socket: WebSocket;
  readonly frames: ServerFrame[] = [];
  readonly closed: Promise<Closed>;
  #connection: Socket | undefined;
  #read = 0;
  #news = Promise.withResolvers<void>();
  #isClosed = false;

  constructor(
    url: string,
    options: { entrypoint?: string; protocols?: string[]; headers?: Record<string, string>; mute?: boolean } = {},
  ) {
    const { entrypoint = 'chat', protocols = ['reveille.v1'], headers = {}, mute = false } = options;
    this.socket = new WebSocket(`${url}/v1/connect/${entrypoint}`, protocols, { headers });
    this.socket.on('message', (data) => {
      const frame = serverFrame.parse(JSON.parse(String(data)));
      this.frames.push(frame);
      if (frame.type === 'ping' && !mute) this.say({ type: 'pong' });
      this.#tell();
    });
    this.socket.on('error', () => undefined);
    this.socket.once('upgrade', (response) => (this.#connection = response.socket));
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => {
        this.#isClosed = true;
        this.#tell();
        resolve({ code, reason: String(reason) });
      });
    });
  }

  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.CONNECTING)
      await new Promise<void>((resolve) => this.socket.once('open', () => resolve()));
    return this;
  }

  say(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** From now on takes so many bytes a millisecond, in the middle of frames too, and after `bytes` of them reads as ever. */
  readSlowly(bytes: number, bytesPerMs: number): void {
    let left = bytes;
    this.#connection?.on('data', (data) => {
      left -= data.length;
      if (left <= 0) return;
      this.#connection?.pause();
      setTimeout(() => this.#connection?.resume(), data.length / bytesPerMs);
    });
  }

  hello(more: object = {}): void {
    this.say({ type: 'hello', client: { name: 'test', version: '1' }, ...more });
  }

  /** The next frame of this type after those read before; frames of other types on the way are passed over. One wait at a time. */
  async next<T extends ServerFrame['type']>(
    type: T,
    accept: (frame: ServerFrameOf<T>) => boolean = () => true,
  ): Promise<ServerFrameOf<T>> {
    for (;;) {
      const frame = await this.nextOf(type);
      if (accept(frame)) return frame;
    }
  }

  /** The next frame of one of these types. */
  async nextOf<T extends ServerFrame['type']>(...types: T[]): Promise<ServerFrameOf<T>> {
    for (;;) {
      while (this.#read < this.frames.length) {
        const frame = this.frames[this.#read++];
        if (types.some((type) => type === frame?.type)) return frame as ServerFrameOf<T>;
      }
      if (this.#isClosed)
        throw new Error(`closed while waiting for ${types.join(', ')}; had ${this.types().join(', ')}`);
      await this.#news.promise;
    }
  }

  /** Asks to try again as soon as the edge lets it, and gives what it then says. */
  async retry(): Promise<
    ServerFrameOf<'initialization_started' | 'initialization_completed' | 'initialization_failed'>
  > {
    for (;;) {
      this.say({ type: 'retry' });
      const frame = await this.nextOf(
        'error',
        'initialization_started',
        'initialization_completed',
        'initialization_failed',
      );
      if (frame.type !== 'error') return frame;
      if (frame.code !== 'cooling_down') throw new Error(frame.message);
      await pause(frame.retryAfterMs);
    }
  }

  types(): string[] {
    return this.frames.map(({ type }) => type);
  }

  of<T extends ServerFrame['type']>(type: T): ServerFrameOf<T>[] {
    return this.frames.filter((frame): frame is ServerFrameOf<T> => frame.type === type);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate();
    if (this.socket.readyState !== WebSocket.CLOSED) await this.closed;
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}
