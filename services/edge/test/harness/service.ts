import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Endpoint, type InstanceKey, proofText, upstreamCloseCodes, upstreamHeaders } from '@reveille/contracts';
import { instanceKeyPair, signProof } from '@reveille/service-kit/keys';
import { type WebSocket, WebSocketServer } from 'ws';

export const rootSecret = Buffer.alloc(32, 7);

export type Incarnation = { instance: InstanceKey; generation: number };

/** One connection of the edge, as the service sees it. */
export class UpstreamConnection {
  readonly socket: WebSocket;
  readonly headers: IncomingMessage['headers'];
  readonly heard: { type?: string; id?: string; n?: number; data?: unknown }[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #read = 0;
  #news = Promise.withResolvers<void>();

  constructor(socket: WebSocket, request: IncomingMessage) {
    this.socket = socket;
    this.headers = request.headers;
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      const text = String(data);
      this.heard.push(text.startsWith('{') ? JSON.parse(text) : { data: text });
      this.#news.resolve();
      this.#news = Promise.withResolvers();
    });
    this.closed = new Promise((resolve) =>
      socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
    );
  }

  say(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  async next(type: string): Promise<UpstreamConnection['heard'][number]> {
    for (;;) {
      while (this.#read < this.heard.length) {
        const frame = this.heard[this.#read++];
        if (frame?.type === type || type === '*') return frame as UpstreamConnection['heard'][number];
      }
      await this.#news.promise;
    }
  }

  /** Takes the next message and says so. */
  async take(): Promise<{ id: string; data: unknown }> {
    const { id = '', data } = await this.next('deliver');
    this.say({ type: 'taken', id });
    return { id, data };
  }
}

export type ServiceOptions = {
  /** Who it is. Default for the proof. */
  is: Incarnation;
  speaks?: 'v1' | 'bare';
  /** The header of the proof; undefined: none. Default: the right one. */
  prove?: (request: IncomingMessage) => string | string[] | undefined;
  /** Says in each handshake that it knows nothing of the session. */
  knowsNothing?: boolean;
  /** Closes the older connection of a session, as service-kit does. */
  keepsNewest?: boolean;
  /** Refuses the handshake with this status while it returns one. */
  refuse?: () => number | undefined;
  /** Sent in the same packet as the handshake, before anybody could ask. */
  blurt?: string;
};

/** A service that does exactly what a test tells it to. */
export class Service implements AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly connections: UpstreamConnection[] = [];
  handshakes = 0;
  readonly #server;
  readonly #sockets;
  #read = 0;
  #news = Promise.withResolvers<void>();

  private constructor(server: ReturnType<typeof createServer>, sockets: WebSocketServer) {
    const { port } = server.address() as AddressInfo;
    this.endpoint = { url: `http://127.0.0.1:${port}`, host: '127.0.0.1', port };
    this.#server = server;
    this.#sockets = sockets;
  }

  static async start(options: ServiceOptions): Promise<Service> {
    const server = createServer();
    const sockets = new WebSocketServer({
      noServer: true,
      handleProtocols: () => (options.speaks === 'bare' ? false : 'reveille.upstream.v1'),
    });
    sockets.on('headers', (headers, request) => {
      const proof = options.prove ? options.prove(request) : rightProof(options.is, request);
      for (const one of typeof proof === 'string' ? [proof] : (proof ?? []))
        headers.push(`${upstreamHeaders.proof}: ${one}`);
      if (options.knowsNothing) headers.push(`${upstreamHeaders.known}: new`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const service = new Service(server, sockets);
    server.on('upgrade', (request, socket, head) => {
      service.handshakes += 1;
      const status = options.refuse?.();
      if (status !== undefined)
        return socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      sockets.handleUpgrade(request, socket, head, (connection) => {
        if (options.blurt !== undefined) connection.send(options.blurt);
        const { replaced } = upstreamCloseCodes;
        if (options.keepsNewest)
          for (const { socket: older } of service.connections) older.close(replaced.code, replaced.reason);
        service.connections.push(new UpstreamConnection(connection, request));
        service.#news.resolve();
        service.#news = Promise.withResolvers();
      });
    });
    return service;
  }

  /** The next connection that an edge opened. */
  async next(): Promise<UpstreamConnection> {
    for (;;) {
      const connection = this.connections[this.#read];
      if (connection !== undefined) {
        this.#read += 1;
        return connection;
      }
      await this.#news.promise;
    }
  }

  /** Ends every connection without a word, and refuses further ones until it is disposed. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.connections) socket.terminate();
    this.#sockets.close();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

export function publicKeyOf({ instance, generation }: Incarnation): string {
  return instanceKeyPair(rootSecret, instance, generation).publicKey;
}

export function rightProof({ instance, generation }: Incarnation, { headers }: IncomingMessage): string {
  const nonce = String(headers[upstreamHeaders.challenge]);
  const session = String(headers[upstreamHeaders.session]);
  const { seed } = instanceKeyPair(rootSecret, instance, generation);
  return signProof(seed, proofText({ nonce, instance, generation, session }));
}
