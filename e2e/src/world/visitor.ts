import { setTimeout as pause } from 'node:timers/promises';
import { type ServerFrame, serverFrame, type ServerFrameOf } from '@reveille/contracts';
import { WebSocket } from 'ws';
import type { History } from '../history/history.ts';

export type VisitorOf = {
  readonly url: string;
  /** Of the edge, in the history. */
  readonly edge: string;
  readonly user: string;
  readonly tenant: string;
  readonly entrypoint: string;
  readonly history: History;
  /** Never answers a ping. */
  readonly mute?: boolean;
  /** In `hello` and as a header, besides who it is. */
  readonly hello?: object;
  readonly headers?: Record<string, string>;
  /** Not even hello. */
  readonly says?: 'nothing';
};

/** What became of a question. */
export type Answer =
  | { readonly how: 'answered'; readonly data: unknown; readonly generation: number }
  | { readonly how: 'rejected'; readonly code: string }
  | { readonly how: 'interrupted' }
  | { readonly how: 'closed'; readonly code: number };

/** Wide on purpose: it ends a row that hangs. Milliseconds. */
const patienceMs = 330_000;

let sockets = 0;

/** A user on one socket, without a library in between: each frame is checked against the schema and goes into the history. */
export class Visitor {
  readonly name: string;
  readonly socket: WebSocket;
  readonly frames: ServerFrame[] = [];
  closedWith: number | undefined;
  readonly #of: VisitorOf;
  #news = Promise.withResolvers<void>();
  #sent = 0;

  private constructor(of: VisitorOf) {
    this.#of = of;
    this.name = `${of.user}#${++sockets}`;
    this.socket = new WebSocket(`${of.url}/v1/connect/${of.entrypoint}`, ['reveille.v1'], {
      headers: of.headers ?? {},
    });
    const { history } = of;
    history.note({ did: 'connect', socket: this.name, edge: of.edge, user: of.user, tenant: of.tenant });
    this.socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as ServerFrame;
      // Judged by the schema, and kept as it came: a schema leaves out what it does not know.
      serverFrame.parse(frame);
      this.frames.push(frame);
      history.note({ did: 'frame', socket: this.name, frame });
      if (frame.type === 'ping' && of.mute !== true) this.say({ type: 'pong' });
      this.#tell();
    });
    this.socket.once('close', (code) => {
      this.closedWith = code;
      history.note({ did: 'close', socket: this.name, code });
      this.#tell();
    });
    // A refused or reset connection: `close` follows and says so.
    this.socket.on('error', () => undefined);
  }

  /** Connects and says hello. A connection that is refused shows as `closedWith`. */
  static async come(of: VisitorOf): Promise<Visitor> {
    const visitor = new Visitor(of);
    await Promise.race([visitor.#once('open'), visitor.#once('close')]);
    if (visitor.socket.readyState === WebSocket.OPEN && of.says !== 'nothing')
      visitor.say({
        type: 'hello',
        client: { name: 'faults', version: '1' },
        as: { user: of.user, tenant: of.tenant },
        ...of.hello,
      });
    return visitor;
  }

  say(frame: object): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  of<T extends ServerFrame['type']>(type: T): ServerFrameOf<T>[] {
    return this.frames.filter((frame): frame is ServerFrameOf<T> => frame.type === type);
  }

  /** The last frame that ended an initialization. */
  get lastEnd(): ServerFrameOf<'initialization_completed'> | ServerFrameOf<'initialization_failed'> | undefined {
    return this.frames.findLast(
      (frame) => frame.type === 'initialization_completed' || frame.type === 'initialization_failed',
    ) as ServerFrameOf<'initialization_completed'> | undefined;
  }

  /** The first frame of this type after the `after` first ones of it. */
  async next<T extends ServerFrame['type']>(type: T, after = 0): Promise<ServerFrameOf<T>> {
    await this.#until(
      () => this.of(type).length > after || this.closedWith !== undefined,
      () => `${this.name} got no ${type}: ${this.story()}`,
    );
    const frame = this.of(type)[after];
    if (frame === undefined) throw new Error(`${this.name} was closed with ${this.closedWith} before any ${type}`);
    return frame;
  }

  /** Sends and waits for what becomes of it. @param data an object goes as it is, a text as `{ text }` */
  async ask(data: string | object, boundMs?: number): Promise<Answer> {
    return this.answerTo(this.send(data), boundMs);
  }

  /** @returns its id */
  send(data: string | object): string {
    const id = `m${++this.#sent}`;
    this.#of.history.note({ did: 'send', socket: this.name, id });
    this.say({ type: 'send', id, data: typeof data === 'string' ? { text: data } : data });
    return id;
  }

  async answerTo(id: string, boundMs?: number): Promise<Answer> {
    let found: Answer | undefined;
    const look = (): boolean => (found = this.#answer(id)) !== undefined;
    await this.#until(look, () => `${this.name} got no answer to ${id}: ${this.story()}`, boundMs);
    return found as Answer;
  }

  /** Asks to try again as soon as the edge lets it, and gives the frame that ends the new initialization. */
  async retry(): Promise<ServerFrame> {
    const before = this.lastEnd;
    for (;;) {
      const told = this.frames.length;
      this.say({ type: 'retry' });
      const since = (): ServerFrame[] => this.frames.slice(told);
      const refusal = () => since().find((frame) => frame.type === 'error' && frame.code === 'cooling_down');
      await this.#until(
        () => this.closedWith !== undefined || this.lastEnd !== before || refusal() !== undefined,
        () => `${this.name} retried in vain: ${this.story()}`,
      );
      if (this.closedWith !== undefined)
        throw new Error(`${this.name} was closed with ${this.closedWith} while it retried`);
      if (this.lastEnd !== undefined && this.lastEnd !== before) return this.lastEnd;
      const refused = refusal();
      await pause(refused?.type === 'error' ? (refused.retryAfterMs ?? 0) + 10 : 0);
    }
  }

  /** As a client does: tries again for as long as what it is told can be retried. @returns how often it was told of a failure */
  async untilReady(): Promise<number> {
    for (let failures = 0; ; failures++) {
      await this.#until(
        () => this.lastEnd !== undefined || this.closedWith !== undefined,
        () => `${this.name} was told of no end: ${this.story()}`,
      );
      if (this.lastEnd?.type === 'initialization_completed') return failures;
      if (this.lastEnd === undefined || !this.lastEnd.retryable)
        throw new Error(
          `${this.name} cannot be served: closed with ${this.closedWith}, ${JSON.stringify(this.lastEnd)}`,
        );
      if ((await this.retry()).type === 'initialization_completed') return failures + 1;
    }
  }

  async closed(): Promise<number> {
    await this.#until(
      () => this.closedWith !== undefined,
      () => `${this.name} was not closed: ${this.story()}`,
    );
    return this.closedWith ?? 0;
  }

  async leave(): Promise<void> {
    if (this.closedWith !== undefined) return;
    this.socket.close(1000);
    const cut = setTimeout(() => this.socket.terminate(), 3_000);
    await this.#until(
      () => this.closedWith !== undefined,
      () => `${this.name} could not leave`,
    );
    clearTimeout(cut);
  }

  /** The types of the frames, for somebody who reads why a row failed. */
  story(): string {
    return this.frames.map((frame) => ('phase' in frame ? `${frame.type}(${frame.phase})` : frame.type)).join(' ');
  }

  #answer(id: string): Answer | undefined {
    const last = this.of('message').find((frame) => frame.re === id && frame.final === true);
    if (last !== undefined) return { how: 'answered', data: last.data, generation: last.origin.generation };
    const rejected = this.of('rejected').find((frame) => frame.id === id);
    if (rejected !== undefined) return { how: 'rejected', code: rejected.code };
    if (this.of('interrupted').some(({ ids }) => ids.includes(id))) return { how: 'interrupted' };
    return this.closedWith === undefined ? undefined : { how: 'closed', code: this.closedWith };
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  #once(event: 'open' | 'close'): Promise<void> {
    return new Promise((resolve) => this.socket.once(event, () => resolve()));
  }

  /** Looks at each frame, and not by the clock: rows have thousands of these. */
  async #until(isSo: () => boolean, orElse: () => string, boundMs = patienceMs): Promise<void> {
    const late = Promise.withResolvers<never>();
    late.promise.catch(() => undefined);
    const timer = setTimeout(() => late.reject(new Error(orElse())), boundMs);
    try {
      while (!isSo()) await Promise.race([this.#news.promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
