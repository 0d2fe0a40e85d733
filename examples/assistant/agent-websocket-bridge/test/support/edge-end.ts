import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { upstreamEvent, upstreamSubprotocol, type UpstreamEvent } from '@reveille/contracts';
import { edgePublicKey, edgeSigningKey, instanceKeyPair, signAssertion } from '@reveille/service-kit/keys';
import { WebSocket } from 'ws';

const instance = 'agent_websocket_bridge~global';
const generation = 1_800_000_000_000_000;
const signingKey = edgeSigningKey(randomBytes(32).toString('base64url'));
const instanceKeys = instanceKeyPair(randomBytes(32), instance, generation);

/** What Reveille gives the bridge, so that this edge and the bridge can prove themselves to each other. */
export const keyEnv = {
  REVEILLE_INSTANCE: instance,
  REVEILLE_GENERATION: String(generation),
  REVEILLE_INSTANCE_KEY: instanceKeys.seed,
  REVEILLE_EDGE_KEY: edgePublicKey(signingKey),
};

type Emit = Extract<UpstreamEvent, { type: 'emit' }>;
/** What a user would see of an emit. */
export interface Said {
  re: string | undefined;
  final: boolean;
  data: Record<string, unknown>;
}

/** The edge's end of one session. */
export class EdgeEnd {
  readonly #socket: WebSocket;
  readonly #emits: Emit[] = [];
  #news = Promise.withResolvers<void>();
  proof: string | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('upgrade', (response: IncomingMessage) => {
      const proof = response.headers['x-reveille-proof'];
      this.proof = typeof proof === 'string' ? proof : undefined;
    });
    socket.on('message', (data) => {
      const event = upstreamEvent.parse(JSON.parse(String(data)));
      if (event.type !== 'emit') return;
      this.#emits.push(event);
      this.#news.resolve();
      this.#news = Promise.withResolvers();
    });
    socket.on('error', () => undefined);
  }

  /** @param stored the number of the last emit that this edge has of the session */
  static async connect(
    bridgeUrl: string,
    of: { session: string; user?: string; tenant?: string; stored?: number; traceparent?: string },
  ): Promise<EdgeEnd> {
    const { session, user = 'ann', tenant = 'acme', stored, traceparent } = of;
    const jwt = signAssertion({ key: signingKey, subject: user, tenant, session, audience: instance, ttlSeconds: 30 });
    const socket = new WebSocket(new URL('/session', bridgeUrl.replace('http', 'ws')), [upstreamSubprotocol], {
      headers: {
        'x-reveille-session': session,
        'x-reveille-user': encodeURIComponent(user),
        'x-reveille-tenant': encodeURIComponent(tenant),
        'x-reveille-generation': String(generation),
        'x-reveille-challenge': randomBytes(16).toString('base64url'),
        ...(stored === undefined ? {} : { 'x-reveille-stored': String(stored) }),
        ...(traceparent === undefined ? {} : { traceparent }),
        authorization: `Bearer ${jwt}`,
      },
    });
    const end = new EdgeEnd(socket);
    await once(socket, 'open');
    return end;
  }

  deliver(id: string, data: unknown): void {
    this.#socket.send(JSON.stringify({ type: 'deliver', id, data }));
  }

  /** The next thing that the bridge says. */
  async next(): Promise<Said> {
    for (;;) {
      const emit = this.#emits.shift();
      if (emit !== undefined) {
        this.#socket.send(JSON.stringify({ type: 'stored', n: emit.n }));
        return { re: emit.re, final: emit.final === true, data: emit.data as Record<string, unknown> };
      }
      await this.#news.promise;
    }
  }

  /** Gone without a word, as after a crash. */
  async vanish(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.terminate();
    await closed;
  }
}
