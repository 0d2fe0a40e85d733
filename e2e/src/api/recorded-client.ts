import type { ServerFrame, ServerFrameOf } from '@reveille/contracts';
import { clientSubprotocol } from '@reveille/contracts/close-code';
import { WebSocket } from 'ws';

export type Said = { readonly by: 'client' | 'edge'; readonly frame: { readonly type: string } };
export type Closing = { readonly code: number; readonly reason: string };

/** All that was said on some sockets, and how they were closed. */
export class Recording {
  readonly said: Said[] = [];
  readonly closes: Closing[] = [];
}

type Options = { protocols?: string[]; headers?: Record<string, string>; mute?: boolean };

/** A client made of nothing but a socket, every word of which is written down. */
export class RecordedClient implements Disposable {
  readonly closed: Promise<Closing>;
  readonly socket: WebSocket;
  readonly #record: Recording;
  readonly #heard: ServerFrame[] = [];
  #read = 0;
  #news = Promise.withResolvers<void>();
  #isClosed = false;

  constructor(record: Recording, url: string, entrypoint: string, options: Options = {}) {
    this.#record = record;
    const { protocols = [clientSubprotocol], headers = {}, mute = false } = options;
    this.socket = new WebSocket(`${url}/v1/connect/${entrypoint}`, protocols, { headers });
    this.socket.on('error', () => undefined);
    this.socket.on('message', (text) => {
      const frame = JSON.parse(String(text)) as ServerFrame;
      record.said.push({ by: 'edge', frame });
      this.#heard.push(frame);
      if (frame.type === 'ping' && !mute) this.say({ type: 'pong' });
      this.#news.resolve();
      this.#news = Promise.withResolvers();
    });
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => {
        this.#isClosed = true;
        if (code !== 1006) record.closes.push({ code, reason: String(reason) });
        this.#news.resolve();
        resolve({ code, reason: String(reason) });
      }),
    );
  }

  async opened(): Promise<this> {
    await new Promise<void>((resolve) => this.socket.once('open', () => resolve()));
    return this;
  }

  /** A frame of the protocol. */
  say(frame: { readonly type: string }): void {
    this.#record.said.push({ by: 'client', frame });
    this.socket.send(JSON.stringify(frame));
  }

  /** Something that is none. */
  sayWrong(text: string): void {
    this.socket.send(text);
  }

  /** Says hello and gives what the edge answers first. */
  async hello(more: object = {}): Promise<ServerFrameOf<'welcome'>> {
    this.say({ type: 'hello', client: { name: 'recorder', version: '1' }, ...more } as { type: string });
    return this.next('welcome');
  }

  /** The next frame of this type; others on the way are passed over. */
  async next<T extends ServerFrame['type']>(type: T): Promise<ServerFrameOf<T>> {
    for (;;) {
      while (this.#read < this.#heard.length) {
        const frame = this.#heard[this.#read++];
        if (frame?.type === type) return frame as ServerFrameOf<T>;
      }
      if (this.#isClosed) throw new Error(`closed before ${type} came; heard ${JSON.stringify(this.#heard.slice(-3))}`);
      await this.#news.promise;
    }
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}
