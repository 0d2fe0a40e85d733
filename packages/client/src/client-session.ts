import type { Hello, ServerFrame } from '@reveille/contracts';
import { mayReconnect } from '@reveille/contracts/close-code';
import { entrypointAddress } from './address.ts';
import type { MessageFrame } from './answers.ts';
import type { ConnectOptions, Resume, ReveilleClient, SendOptions } from './client.ts';
import { Connection, type Closed } from './connection.ts';
import { Conversation } from './conversation.ts';
import type { FrameListener } from './frame-listeners.ts';
import { defaultOutbox, type Json } from './outbox.ts';
import type { ClientState } from './readiness.ts';
import { backOnline, isOffline } from './offline.ts';
import { pause, ReconnectPolicy } from './reconnect.ts';
import type { ReveilleError } from './reveille-error.ts';
import { isOfToken, TokenRenewal } from './token-renewal.ts';

const closedByClient: Closed = { code: 1000, reason: 'closed by the client' };

/** One session with an entrypoint over as many connections as it takes. */
export class ClientSession implements ReveilleClient {
  readonly closed: Promise<Closed>;
  readonly #options: ConnectOptions;
  readonly #address: string;
  readonly #policy: ReconnectPolicy;
  readonly #conversation: Conversation;
  readonly #renewal: TokenRenewal | undefined;
  readonly #stop = new AbortController();
  readonly #settled = Promise.withResolvers<Closed>();
  #connection: Connection | undefined;

  constructor(options: ConnectOptions) {
    this.#options = options;
    this.#address = entrypointAddress(options.url, options.entrypoint);
    this.#policy = new ReconnectPolicy(options.reconnect ?? true);
    this.#conversation = new Conversation({ ...defaultOutbox, ...options.outbox }, this.#policy, options.resume);
    const { token } = options;
    if (typeof token === 'function')
      this.#renewal = new TokenRenewal(token, (fresh) => this.#conversation.say({ type: 'refresh', token: fresh }));
    this.closed = this.#settled.promise;
    options.signal?.addEventListener('abort', () => this.close(), { signal: this.#stop.signal });
    if (options.signal?.aborted) this.close();
  }

  get state(): ClientState {
    return this.#conversation.readiness.state;
  }

  get resume(): Resume | undefined {
    return this.state === 'closed' ? undefined : this.#conversation.resume;
  }

  get error(): ReveilleError | undefined {
    return this.#conversation.readiness.error;
  }

  onState(listener: (state: ClientState) => void): () => void {
    return this.#conversation.readiness.onChange(listener);
  }

  frames(): AsyncIterable<ServerFrame> {
    return this.#conversation.listeners.frames();
  }

  on<T extends ServerFrame['type'] | '*'>(type: T, listener: FrameListener<T>): () => void {
    return this.#conversation.listeners.on(type, listener);
  }

  async send(data: Json, { id = crypto.randomUUID() }: SendOptions = {}): Promise<{ id: string }> {
    if (this.state === 'closed') throw this.#conversation.readiness.error;
    return this.#conversation.outbox.add(id, data);
  }

  ask(data: Json, options: SendOptions & { signal?: AbortSignal } = {}): AsyncIterable<MessageFrame> {
    const { id = crypto.randomUUID(), signal } = options;
    const { feed, fresh } = this.#conversation.answers.ask(id, signal);
    if (fresh) {
      this.send(data, { id }).catch((error: ReveilleError) => this.#conversation.answers.fail(id, error));
    }
    return feed;
  }

  ready(signal?: AbortSignal): Promise<void> {
    return this.#conversation.readiness.wait(signal);
  }

  retry(): void {
    if (this.state === 'failed') this.#conversation.retry();
  }

  cancel(): void {
    if (this.state === 'connecting') this.close();
    else this.#conversation.say({ type: 'cancel' });
  }

  close(): void {
    if (this.#stop.signal.aborted) return;
    this.#conversation.received.flush();
    this.#stop.abort();
    this.#connection?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.closed;
  }

  /** Connects, and connects again while that makes sense; returns when the session is over. */
  async live(): Promise<void> {
    for (;;) {
      const closed = this.#stop.signal.aborted ? closedByClient : await this.#connectOnce();
      this.#connection = undefined;
      this.#renewal?.end();
      this.#conversation.detach();
      const pauseMs = this.#stop.signal.aborted ? undefined : this.#pauseAfter(closed);
      if (pauseMs === undefined) return this.#finish(this.#stop.signal.aborted ? closedByClient : closed);
      this.#conversation.readiness.move('connecting');
      await backOnline(this.#address, this.#stop.signal);
      await pause(pauseMs, this.#stop.signal);
    }
  }

  /** Undefined when this close was the end. */
  #pauseAfter({ code }: Closed): number | undefined {
    // The edge waited for a `retry` in vain. To come back now would be one that nobody asked for.
    if (!mayReconnect(code) || (code === 1013 && this.state === 'failed')) return undefined;
    return this.#policy.pauseAfter(code, isOffline(this.#address));
  }

  async #connectOnce(): Promise<Closed> {
    try {
      const hello = await this.#hello();
      if (this.#stop.signal.aborted) return closedByClient;
      const connection = new Connection({
        address: this.#address,
        WebSocket: this.#options.WebSocket ?? WebSocket,
        hello,
        onFrame: (frame) => {
          this.#conversation.hear(frame, connection);
          if (this.#connection === connection) this.#renew(frame, hello.token);
        },
      });
      this.#connection = connection;
      this.#conversation.attach(connection);
      return await connection.closed;
    } catch (error) {
      // The token provider failed, or there is no WebSocket: as good as an edge that cannot be reached.
      return { code: 1006, reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** What a frame says of the token that the edge knows. */
  #renew(frame: ServerFrame, token: string | undefined): void {
    if (frame.type === 'welcome') this.#renewal?.begin(token);
    else if (frame.type === 'error' && isOfToken(frame)) this.#renewal?.refused();
  }

  async #hello(): Promise<Hello> {
    const { token, as, client = { name: 'reveille-client', version: '0.1.0' } } = this.#options;
    const { resume } = this.#conversation;
    const given = typeof token === 'function' ? await this.#orStopped(token()) : token;
    return {
      type: 'hello',
      client,
      ...(given === undefined ? {} : { token: given }),
      ...(as === undefined ? {} : { as }),
      ...(resume === undefined ? {} : { resume }),
    };
  }

  async #orStopped<T>(asked: T | Promise<T>): Promise<T | undefined> {
    const { signal } = this.#stop;
    const stopped = new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    return Promise.race([asked, stopped]);
  }

  #finish(closed: Closed): void {
    this.#stop.abort();
    this.#conversation.finish(closed);
    this.#settled.resolve(closed);
  }
}
