import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { clientFrame, clientSubprotocol, serverFrame, type ClientFrame, type ServerFrame } from '@reveille/contracts';

type ClientFrameOf<T extends ClientFrame['type']> = Extract<ClientFrame, { type: T }>;

/** One connection as the edge sees it: frames that the client sent wait here until the test looks at them. */
export class EdgeConnection {
  readonly path: string;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;
  readonly #frames: ClientFrame[] = [];
  readonly #waiting: ((frame: ClientFrame) => void)[] = [];

  constructor(socket: WebSocket, path: string) {
    this.#socket = socket;
    this.path = path;
    this.closed = new Promise((resolve) =>
      socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
    );
    socket.on('message', (data) => {
      const frame = clientFrame.parse(JSON.parse(String(data)));
      const waiting = this.#waiting.shift();
      if (waiting) waiting(frame);
      else this.#frames.push(frame);
    });
  }

  /** The next frame, which must be of this type. */
  async expect<T extends ClientFrame['type']>(type: T): Promise<ClientFrameOf<T>> {
    const frame = this.#frames.shift() ?? (await new Promise<ClientFrame>((resolve) => this.#waiting.push(resolve)));
    if (!isOf(frame, type)) throw new Error(`expected ${type}, got ${JSON.stringify(frame)}`);
    return frame;
  }

  get unread(): readonly ClientFrame[] {
    return this.#frames;
  }

  /** Only what the protocol allows is ever said. */
  say(...frames: ServerFrame[]): void {
    for (const frame of frames) this.#socket.send(JSON.stringify(serverFrame.parse(frame)));
  }

  sayRaw(text: string | Buffer): void {
    this.#socket.send(text);
  }

  async welcome(fields: Partial<Extract<ServerFrame, { type: 'welcome' }>> = {}): Promise<ClientFrameOf<'hello'>> {
    const hello = await this.expect('hello');
    this.say({ ...welcome, ...fields });
    return hello;
  }

  /** The client has handled everything that was said before. */
  async handled(): Promise<void> {
    this.say({ type: 'ping' });
    await this.expect('pong');
  }

  close(code: number, reason = ''): void {
    this.#socket.close(code, reason);
  }

  vanish(): void {
    this.#socket.terminate();
  }

  /** Neither reads nor answers any more, and does not go away either. */
  freeze(): void {
    this.#socket.pause();
  }
}

/** A WebSocket server on loopback that does what the test says. */
export class ScriptedEdge {
  readonly url: string;
  readonly #server: WebSocketServer;
  readonly #connections: EdgeConnection[] = [];
  readonly #waiting: ((connection: EdgeConnection) => void)[] = [];

  constructor(server: WebSocketServer) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket, request) => {
      const connection = new EdgeConnection(socket, request.url ?? '');
      const waiting = this.#waiting.shift();
      if (waiting) waiting(connection);
      else this.#connections.push(connection);
    });
  }

  static async start(): Promise<ScriptedEdge> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => clientSubprotocol });
    await once(server, 'listening');
    const edge = new ScriptedEdge(server);
    onTestFinished(() => edge.stop());
    return edge;
  }

  connection(): Promise<EdgeConnection> {
    const first = this.#connections.shift();
    return first ? Promise.resolve(first) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  stop(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }
}

function isOf<T extends ClientFrame['type']>(frame: ClientFrame, type: T): frame is ClientFrameOf<T> {
  return frame.type === type;
}

const welcome: Extract<ServerFrame, { type: 'welcome' }> = {
  type: 'welcome',
  session: 's1',
  resumeKey: 'k1',
  resumed: false,
  entrypoint: 'chat',
  user: 'ada',
  heartbeatMs: 60_000,
  limits: { messageBytes: 65_536, heldMessages: 64, heldBytes: 262_144, messagesPerSecond: 20 },
};

const told = { at: 1_800_000_000_000, elapsedMs: 5, message: 'told' };
const traceId = 'a'.repeat(32);

export const started: Extract<ServerFrame, { type: 'initialization_started' }> = {
  type: 'initialization_started',
  initialization: 'i1',
  traceId,
  reason: 'cold',
  services: [{ service: 'bridge', name: 'Bridge', state: 'cold', dependsOn: [] }],
  totalServices: 1,
  deadlineMs: 30_000,
  ...told,
};
export const completed: ServerFrame = { type: 'initialization_completed', traceId, ...told };
export function failed(fields: { retryable: boolean; retryAfterMs?: number }): ServerFrame {
  const failure = {
    code: 'exited_early' as const,
    service: 'bridge',
    name: 'Bridge',
    phase: 'starting',
    message: 'Bridge stopped while it was starting.',
    attempt: 3,
    attempts: 3,
    retryable: fields.retryable,
    traceId,
  };
  return { type: 'initialization_failed', initialization: 'i1', failure, traceId, ...fields, ...told };
}
export function message(seq: number, data: string, of: { re?: string; final?: boolean } = {}): ServerFrame {
  return { type: 'message', seq, data, origin: { service: 'bridge', generation: 1 }, ...of };
}
