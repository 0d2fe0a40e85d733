import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { upstreamCloseCodes, upstreamHeaders, upstreamSubprotocol } from '@reveille/contracts';
import { WebSocketServer, type WebSocket } from 'ws';
import { proveSession } from '../prove-session.ts';
import { admit, createGate, type Visitor } from './admit.ts';
import { keepAlive } from './keep-alive.ts';
import { rehearse, rehearseOnce } from './rehearse.ts';
import { defaultSessionLimits, type SessionLimits } from './session-limits.ts';
import { SessionTable } from './session-table.ts';
import type { UpstreamSession } from './upstream-session.ts';

export type ServeSessionsOptions = {
  /** Listens on its own; only upgrades on `path` are handled here. */
  server: Server;
  /** As `upstream.websocket.path` of the entrypoint says. */
  path: string;
  /**
   * Called once per session, not per connection. When it throws or rejects, the session ends and the edge is told 1011; that it
   * returns ends nothing.
   */
  onSession: (session: UpstreamSession) => void | Promise<void>;
  /** May run without keys (started by hand). Keys that are there are used all the same. */
  keyless?: boolean;
  /** How long a session lives on without its edge: 60 s by default, so that a run goes on while its user reconnects. */
  lingerMs?: number;
  limits?: Partial<SessionLimits>;
  /** Where the keys come from. */
  env?: NodeJS.ProcessEnv;
};

/** How long a closing handshake may take before the socket is cut. */
const closeTimeoutMs = 2000;
/** More fragments per message than any edge of ours sends (it sends one). */
const maxFragments = 1024;

/**
 * Speaks `reveille.upstream.v1` on a path of an HTTP server: checks that an edge connects, proves this service to it, and hands each
 * session to `onSession`. Disposing it ends all sessions (their signals abort), closes their connections and leaves the server be.
 *
 * @throws Error when the keys of the environment are missing (and `keyless` is not set) or unreadable
 */
export function serveSessions(options: ServeSessionsOptions): AsyncDisposable {
  const env = options.env ?? process.env;
  const limits = { ...defaultSessionLimits, ...options.limits };
  const gate = createGate(env, options.keyless ?? false);
  const sessions = new SessionTable({ limits, lingerMs: options.lingerMs ?? 60_000, onSession: options.onSession });
  // A variable, since @types/ws does not know `closeTimeout` yet and would refuse a literal.
  const settings = {
    noServer: true,
    maxPayload: limits.frameBytes,
    maxFragments,
    perMessageDeflate: false,
    closeTimeout: closeTimeoutMs,
    handleProtocols: () => upstreamSubprotocol,
  };
  const webSockets = new WebSocketServer(settings);
  /** Handshakes of sessions that are new here. */
  const newcomers = new WeakSet<IncomingMessage>();
  webSockets.on('headers', (headers, request) => {
    const proof = proveSession(request.headers, env);
    if (proof !== undefined) headers.push(`${upstreamHeaders.proof}: ${proof}`);
    if (newcomers.has(request)) headers.push(`${upstreamHeaders.known}: new`);
  });
  const heartbeat = keepAlive(webSockets);
  const rehearsal = rehearseOnce(options.server, () => rehearse(gate, env));

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (new URL(request.url ?? '/', 'http://service').pathname !== options.path) {
      // Another listener may serve that path; alone, we must not leave the socket hanging.
      if (options.server.listenerCount('upgrade') === 1) refuse(socket, 404, 'nothing is upgraded here');
      return;
    }
    const visitor = admit(request, gate, Date.now());
    if ('status' in visitor) return refuse(socket, visitor.status, visitor.reason);
    if (!offersUpstream(request)) return refuse(socket, 400, `subprotocol ${upstreamSubprotocol} is expected`);
    const refusal = sessions.refuses(visitor);
    if (refusal) return refuse(socket, refusal.status, refusal.reason);
    if (!sessions.knows(visitor)) newcomers.add(request);
    webSockets.handleUpgrade(request, socket, head, (connection) => welcome(connection, visitor));
  };

  const welcome = (connection: WebSocket, visitor: Visitor): void => {
    // A broken frame (1002, 1007, 1009) or a reset: ws closes the connection itself and `close` follows.
    connection.on('error', () => undefined);
    sessions.attach(connection, visitor);
  };

  options.server.on('upgrade', onUpgrade);
  return {
    async [Symbol.asyncDispose]() {
      options.server.off('upgrade', onUpgrade);
      rehearsal[Symbol.dispose]();
      sessions.end(upstreamCloseCodes.stopping, 'the service stops');
      const open = [...webSockets.clients].map((connection) => closed(connection));
      await Promise.all(open);
      clearInterval(heartbeat);
      webSockets.close();
    },
  };
}

function closed(connection: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    if (connection.readyState === connection.CLOSED) return resolve();
    connection.once('close', () => resolve());
    connection.close(upstreamCloseCodes.stopping.code, upstreamCloseCodes.stopping.reason);
  });
}

function offersUpstream(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol'] ?? '';
  return offered.split(',').some((name) => name.trim() === upstreamSubprotocol);
}

function refuse(socket: Duplex, status: number, reason: string): void {
  // The peer may be gone already; there is nobody left to tell.
  socket.on('error', () => undefined);
  const body = `${reason}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'connection: close',
    'content-type: text/plain; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    ...(status === 401 ? ['www-authenticate: Bearer'] : []),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
