import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { clientSubprotocol, type CloseCode, closeCodes, type EdgeRefusal, edgeRefusals } from '@reveille/contracts';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { CurrentCatalog } from '../current-catalog.ts';
import type { AddressLimits } from '../limit/address-limits.ts';
import { Admission } from './admission.ts';
import type { Authenticate } from './authenticate.ts';
import type { Entrance } from './entrance.ts';
import { originAllowed } from './origin.ts';

export type UpgradeParts = {
  readonly authenticate: Authenticate | undefined;
  readonly addresses: AddressLimits;
  catalog(): CurrentCatalog;
  draining(): boolean;
  onSocket(socket: WebSocket, entrance: Entrance): void;
  onRefused(code: CloseCode): void;
  /** A limit was reached; `limit` is one of few names. */
  onLimit(limit: string): void;
};

/** What surrounds `data` in a frame; and a `hello` with the longest token and 256 ids of 64 characters of up to three bytes. */
const envelopeBytes = 81_920;
/** Browsers split large messages; nobody needs more pieces than this. */
const maxFragments = 256;
const closeTimeoutMs = 2_000;

/** The WebSocket handshake: every refusal that a client can understand is an accepted socket with a close code. */
export function createUpgrade(parts: UpgradeParts) {
  /** One per bound of a frame, of which there are as many as the entrypoints of the catalogs so far have. */
  const servers = new Map<number, WebSocketServer>();
  const serverFor = (maxPayload: number): WebSocketServer => {
    const known = servers.get(maxPayload);
    if (known) return known;
    // A variable, since @types/ws does not know all of these yet and would refuse a literal.
    const options = {
      noServer: true,
      clientTracking: false,
      maxPayload,
      maxFragments,
      perMessageDeflate: false,
      closeTimeout: closeTimeoutMs,
      handleProtocols: (offered: Set<string>) => (offered.has(clientSubprotocol) ? clientSubprotocol : false),
    } satisfies ServerOptions & Record<string, unknown>;
    const server = new WebSocketServer(options);
    servers.set(maxPayload, server);
    return server;
  };

  return async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    // The peer may be gone at any moment; whoever waits for it hears of that by `close`.
    socket.on('error', ignore);
    const name = entrypointIn(request);
    if (name === undefined) return refuse(socket, edgeRefusals.nothingUpgraded);
    if (parts.draining()) return refuse(socket, edgeRefusals.draining);
    const admission = new Admission(parts);
    const refused = admission.refusedFor(request);
    if (refused !== undefined) return refuse(socket, refused);
    admission.endsWith(socket);

    const current = parts.catalog();
    const entrypoint = current.entrypoint(name);
    const close = refusalFor();
    const bearer = close === undefined ? await bearerOf(request) : undefined;
    if (parts.draining()) return refuse(socket, edgeRefusals.draining);
    if (admission.late !== undefined) return refuse(socket, admission.late);
    serverFor((entrypoint?.limits.messageBytes ?? 0) + envelopeBytes).handleUpgrade(
      request,
      socket,
      head,
      (webSocket) => {
        // Broken frames and oversized ones: ws closes with 1002, 1007 or 1009 itself.
        webSocket.on('error', ignore);
        admission.webSocket = webSocket;
        if (close === undefined && entrypoint !== undefined)
          return parts.onSocket(webSocket, { name, entrypoint, current, bearer, connection: socket });
        const code = close ?? closeCodes.unknownEntrypoint;
        parts.onRefused(code);
        webSocket.close(code.code, code.reason);
      },
    );

    function refusalFor(): CloseCode | undefined {
      if (entrypoint === undefined) return closeCodes.unknownEntrypoint;
      if (!offers(request, clientSubprotocol)) return closeCodes.noCommonVersion;
      const { origin } = request.headers;
      return originAllowed(origin, entrypoint, parts.authenticate !== undefined) ? undefined : closeCodes.forbidden;
    }
  };

  async function bearerOf({ headers }: IncomingMessage): Promise<Entrance['bearer']> {
    const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    return token === undefined ? undefined : parts.authenticate?.(token);
  }
}

/** One function for all sockets: one made in the handshake would keep its request for as long as the socket stands. */
function ignore(): void {}

function entrypointIn({ url }: IncomingMessage): string | undefined {
  return /^\/v1\/connect\/([^/?#]{1,64})(?:\?|$)/.exec(url ?? '')?.[1];
}

function offers({ headers }: IncomingMessage, protocol: string): boolean {
  return (headers['sec-websocket-protocol'] ?? '').split(',').some((offered) => offered.trim() === protocol);
}

function refuse(socket: Duplex, { status, error }: EdgeRefusal): void {
  const body = `${JSON.stringify({ error })}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
