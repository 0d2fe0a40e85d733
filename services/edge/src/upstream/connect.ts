import type { KeyObject } from 'node:crypto';
import type { Duplex } from 'node:stream';
import {
  type Entrypoint,
  type LedgerRecord,
  type Principal,
  upstreamHeaders,
  upstreamHeaderValue,
  upstreamSubprotocol,
} from '@reveille/contracts';
import { signAssertion } from '@reveille/service-kit/keys';
import { type ClientOptions, WebSocket } from 'ws';
import { newChallenge, unprovenBecause } from './provenance.ts';

/** `websocket` is open and paused: nothing was read from it yet. `connection`: what it runs on. */
export type Connected = {
  connected: true;
  websocket: WebSocket;
  connection: Duplex;
  speaks: 'v1' | 'bare';
  /** The service says that it knows nothing of the session from before. */
  isNew: boolean;
};
export type NotConnected =
  | { connected: false; why: 'refused'; reason: string }
  /** It answered, but is not the generation that the ledger names: nothing of it was read. */
  | { connected: false; why: 'unproven'; reason: string };

export type Handshake = {
  record: LedgerRecord;
  entrypoint: Entrypoint;
  session: string;
  principal: Principal;
  traceparent: string;
  signingKey: KeyObject;
  /** Highest number of an emit that was handed to the client; 0 on the first connection. */
  stored: number;
  handshakeMs: number;
  /** By the ledger's clock, epoch milliseconds: a service refuses what is signed by a clock that is wrong. */
  now: number;
  signal: AbortSignal;
};

/** Largest frame of a service. As much as `service-kit` emits by default, and its envelope. */
const upstreamFrameBytes = 16_777_216 + 65_536;
const maxFragments = 1_024;
const closeTimeoutMs = 2_000;
/** An assertion is made for one handshake. */
const assertionSeconds = 30;

/** One handshake with the instance. Expected refusals are values; it rejects only when `signal` aborts. */
export async function connectUpstream(handshake: Handshake): Promise<Connected | NotConnected> {
  handshake.signal.throwIfAborted();
  const { record, entrypoint } = handshake;
  if (record.endpoint === undefined) return refused('the ledger names no endpoint');
  const challenge = newChallenge();
  const address = `${record.endpoint.url.replace(/^http/, 'ws')}${entrypoint.upstream.websocket.path}`;
  if (!URL.canParse(address)) return refused('the endpoint in the ledger is no URL');
  // A variable, since @types/ws does not know all of these yet and would refuse a literal.
  const options = {
    headers: headersOf(handshake, challenge),
    handshakeTimeout: handshake.handshakeMs,
    maxPayload: upstreamFrameBytes,
    maxFragments,
    perMessageDeflate: false,
    followRedirects: false,
    closeTimeout: closeTimeoutMs,
  } satisfies ClientOptions & Record<string, unknown>;
  const websocket = new WebSocket(address, [upstreamSubprotocol], options);
  // Stays: a websocket without a listener would throw, and after `open` the end of the connection says enough.
  websocket.on('error', ignore);
  try {
    return await answerOf(websocket, challenge, handshake);
  } finally {
    // Listeners of the handshake would keep all that it was made of for as long as the connection stands.
    for (const event of ['upgrade', 'open', 'unexpected-response', 'close']) websocket.removeAllListeners(event);
    websocket.removeAllListeners('error').on('error', ignore);
  }
}

function ignore(): void {}

function answerOf(
  websocket: WebSocket,
  challenge: string,
  { record, entrypoint, session, signal }: Handshake,
): Promise<Connected | NotConnected> {
  const result = Promise.withResolvers<Connected | NotConnected>();
  let speaks: Connected['speaks'] = 'v1';

  websocket.once('upgrade', (response) => {
    const connection = response.socket;
    const isNew = response.headers[upstreamHeaders.known] === 'new';
    websocket.once('open', () => {
      websocket.pause();
      result.resolve({ connected: true, websocket, connection, speaks, isNew });
    });
    const proof = response.headers[upstreamHeaders.proof];
    const unproven =
      entrypoint.provenance === 'required' ? unprovenBecause(record, { challenge, session, proof }) : undefined;
    if (unproven !== undefined) {
      result.resolve({ connected: false, why: 'unproven', reason: unproven });
      websocket.terminate();
    } else if (response.headers['sec-websocket-protocol'] === undefined) {
      // The event comes before ws compares subprotocols, and ws takes "none chosen" for a fault. Here it means a bare upstream.
      speaks = 'bare';
      response.headers['sec-websocket-protocol'] = upstreamSubprotocol;
    }
  });
  websocket.once('unexpected-response', (request, response) => {
    result.resolve(refused(`it answered the handshake with status ${response.statusCode}`));
    request.destroy();
  });
  websocket.on('error', (error) => result.resolve(refused(error.message)));
  websocket.once('close', () => result.resolve(refused('the connection ended during the handshake')));

  const onAbort = (): void => {
    websocket.terminate();
    result.reject(signal.reason as Error);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return result.promise.finally(() => signal.removeEventListener('abort', onAbort));
}

function headersOf(handshake: Handshake, challenge: string) {
  const { record, session, principal, traceparent, signingKey, stored, now } = handshake;
  const { user, tenant, roles } = principal;
  const assertion = signAssertion({
    key: signingKey,
    subject: user,
    tenant,
    roles,
    session,
    audience: record.instance,
    ttlSeconds: assertionSeconds,
    now,
  });
  return {
    [upstreamHeaders.session]: session,
    [upstreamHeaders.user]: upstreamHeaderValue(user),
    ...(tenant === undefined ? {} : { [upstreamHeaders.tenant]: upstreamHeaderValue(tenant) }),
    [upstreamHeaders.generation]: String(record.generation),
    [upstreamHeaders.challenge]: challenge,
    ...(stored === 0 ? {} : { [upstreamHeaders.stored]: String(stored) }),
    traceparent,
    authorization: `Bearer ${assertion}`,
  };
}

function refused(reason: string): NotConnected {
  return { connected: false, why: 'refused', reason };
}
