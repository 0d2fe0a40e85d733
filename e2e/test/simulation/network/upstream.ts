import { EventEmitter } from 'node:events';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { sleep } from '@reveille/lifecycle';
import type { SimProcess } from '../sim-process.ts';
import { End, type Latency } from './end.ts';

/** What a service answers to a handshake. */
export type Answer = { readonly status: number } | { readonly headers: Record<string, string>; readonly end: End };

export type Headers = Record<string, string>;

/** Where upstreams lead: what listens at a port. */
export interface Upstreams {
  readonly latency: Latency;
  dialled(edge: SimProcess, port: number, headers: Headers): void;
  /** @param from what an end of the service is joined to */
  answer(port: number, headers: Headers, from: End): Answer | undefined;
}

/** The process that connects: its sockets are made deep inside of it. */
export const connecting = new AsyncLocalStorage<{
  readonly process: SimProcess;
  readonly upstreams: Upstreams;
  /** Its ends of connections, which break with it. */
  readonly ends: Set<End>;
}>();

/** The client of `ws`: the edge's side of an upstream. */
export class UpstreamSide extends End {
  override readyState = 0;

  constructor(address: string, _protocols: readonly string[], options: { headers: Headers; handshakeTimeout: number }) {
    const from = connecting.getStore();
    if (from === undefined) throw new Error('nobody connects');
    super(from.process, from.upstreams.latency);
    from.ends.add(this);
    this.once('close', () => from.ends.delete(this));
    void this.#shake(from.process, from.upstreams, Number(new URL(address).port), options);
  }

  override close(code = 1005, reason = ''): void {
    if (this.readyState === 0) this.#failed('closed before the connection was established');
    else super.close(code, reason);
  }

  override terminate(): void {
    if (this.readyState === 0) this.#failed('terminated before the connection was established');
    else super.terminate();
  }

  async #shake(
    process: SimProcess,
    { dialled, answer, latency }: Upstreams,
    port: number,
    { headers, handshakeTimeout }: { headers: Headers; handshakeTimeout: number },
  ): Promise<void> {
    dialled(process, port, headers);
    const timeout = setTimeout(() => this.#failed('Opening handshake has timed out'), handshakeTimeout);
    await process.pass();
    await sleep(latency());
    const answered = this.readyState === 0 ? answer(port, headers, this) : undefined;
    await sleep(latency());
    await process.pass();
    clearTimeout(timeout);
    if (this.readyState !== 0)
      return answered !== undefined && 'end' in answered ? answered.end.terminate() : undefined;
    if (answered === undefined) return this.#failed(`connect ECONNREFUSED 127.0.0.1:${port}`);
    if ('status' in answered) {
      this.emit('unexpected-response', { destroy: () => this.#failed('refused') }, { statusCode: answered.status });
      return;
    }
    const connection = { cork: () => undefined, uncork: () => undefined };
    this.readyState = 1;
    this.emit('upgrade', { headers: answered.headers, socket: connection });
    if (this.readyState !== this.OPEN) return;
    this.emit('open');
    this.pump();
  }

  #failed(words: string): void {
    if (this.readyState !== 0) return;
    this.readyState = this.CLOSED;
    queueMicrotask(() => {
      this.emit('error', new Error(words));
      this.emit('close', 1006, Buffer.alloc(0));
    });
  }
}

/** A handshake as the server of a service hears it. */
export class Handshake {
  answer: Answer | undefined;
  readonly from: End;
  readonly latency: Latency;

  constructor(from: End, latency: Latency) {
    this.from = from;
    this.latency = latency;
  }

  /** What a server writes that upgrades nothing. */
  end(text: string): void {
    this.answer = { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]) };
  }

  on(): this {
    return this;
  }

  destroy(): void {
    // It ends with its answer.
  }
}

/** The server of `ws`: the side of a service. */
export class UpstreamServer extends EventEmitter {
  readonly clients = new Set<End>();
  readonly #protocol: string;

  constructor({ handleProtocols }: { handleProtocols: () => string }) {
    super();
    this.#protocol = handleProtocols();
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, _head: Buffer, welcome: (end: End) => void): void {
    const handshake = socket as unknown as Handshake;
    const lines: string[] = [];
    this.emit('headers', lines, request);
    const headers = Object.fromEntries(lines.map((line) => line.split(': ') as [string, string]));
    const end = new End(undefined, handshake.latency);
    End.join(end, handshake.from);
    this.clients.add(end);
    end.once('close', () => this.clients.delete(end));
    handshake.answer = { headers: { ...headers, 'sec-websocket-protocol': this.#protocol }, end };
    welcome(end);
  }

  close(): void {
    // Its connections are closed one by one.
  }
}
