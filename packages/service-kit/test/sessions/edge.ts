import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { upstreamEvent, upstreamSubprotocol, type UpstreamCommand, type UpstreamEvent } from '@reveille/contracts';
import {
  edgePublicKey,
  edgeSigningKey,
  instanceKeyPair,
  signAssertion,
  type AssertionFields,
} from '../../src/keys/index.ts';
import { serveSessions, type ServeSessionsOptions } from '../../src/index.ts';

export const instance = 'bridge~global';
export const generation = 1_800_000_000_000_000;
export const signingKey = edgeSigningKey(randomBytes(32).toString('base64url'));
export const instanceKeys = instanceKeyPair(randomBytes(32), instance, generation);
export const env = {
  REVEILLE_INSTANCE: instance,
  REVEILLE_GENERATION: String(generation),
  REVEILLE_INSTANCE_KEY: instanceKeys.seed,
  REVEILLE_EDGE_KEY: edgePublicKey(signingKey),
};

export type Service = { server: Server; port: number; sessions: AsyncDisposable };

/** A service with `serveSessions` on a real server, gone when the test is over. */
export async function startService(options: Omit<ServeSessionsOptions, 'server' | 'path'>): Promise<Service> {
  const server = createServer((_request, response) => void response.writeHead(404).end());
  const sessions = serveSessions({ env, ...options, server, path: '/session' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    await sessions[Symbol.asyncDispose]();
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port, sessions };
}

export type Visit = {
  session?: string;
  user?: string;
  tenant?: string;
  stored?: number;
  path?: string;
  protocols?: string[];
  /** What the assertion says, where it differs from the headers. */
  asserted?: Partial<AssertionFields>;
  /** Replaces or (undefined) leaves out headers. */
  headers?: Record<string, string | undefined>;
};

function headersOf({
  session = 's1',
  user = 'ada',
  tenant,
  stored,
  asserted,
  headers = {},
}: Visit): Record<string, string> {
  const jwt = signAssertion({
    key: signingKey,
    subject: user,
    tenant,
    session,
    audience: instance,
    ttlSeconds: 30,
    ...asserted,
  });
  const all: Record<string, string | undefined> = {
    'x-reveille-session': session,
    'x-reveille-user': encodeURIComponent(user),
    'x-reveille-tenant': tenant === undefined ? undefined : encodeURIComponent(tenant),
    'x-reveille-generation': String(generation),
    'x-reveille-stored': stored === undefined ? undefined : String(stored),
    authorization: `Bearer ${jwt}`,
    ...headers,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function socket({ port }: Service, visit: Visit): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${port}${visit.path ?? '/session'}`, visit.protocols ?? [upstreamSubprotocol], {
    headers: headersOf(visit),
  });
}

/** The HTTP status with which the service refuses the upgrade. */
export async function refusal(service: Service, visit: Visit): Promise<{ status: number | undefined; text: string }> {
  const asked = socket(service, visit);
  const [, response] = (await once(asked, 'unexpected-response')) as [unknown, IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, text: text.trim() };
}

/** The edge's end of an upstream: what the service said waits here until the test looks at it. */
export class EdgeEnd {
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  response: IncomingMessage | undefined;
  readonly #events: UpstreamEvent[] = [];
  readonly #waiting: ((event: UpstreamEvent) => void)[] = [];

  constructor(open: WebSocket) {
    this.socket = open;
    open.on('message', (data) => {
      const event = upstreamEvent.parse(JSON.parse(String(data)));
      const waiting = this.#waiting.shift();
      if (waiting) waiting(event);
      else this.#events.push(event);
    });
    this.closed = new Promise((resolve) =>
      open.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
    );
    open.on('upgrade', (response) => (this.response = response));
    open.on('error', () => undefined);
  }

  next(): Promise<UpstreamEvent> {
    const first = this.#events.shift();
    return first ? Promise.resolve(first) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** What has arrived and nobody looked at. */
  get unread(): readonly UpstreamEvent[] {
    return this.#events;
  }

  send(command: UpstreamCommand): void {
    this.socket.send(JSON.stringify(command));
  }

  /** Resolves when the service has handled everything sent before: frames are handled in order, a pong comes after them. */
  async handled(): Promise<void> {
    const pong = once(this.socket, 'pong');
    this.socket.ping();
    await pong;
  }

  /** Gone without a word, as after a crash. */
  async vanish(): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }
}

export async function connectEdge(service: Service, visit: Visit = {}): Promise<EdgeEnd> {
  const end = new EdgeEnd(socket(service, visit));
  await once(end.socket, 'open');
  onTestFinished(() => end.socket.terminate());
  return end;
}
