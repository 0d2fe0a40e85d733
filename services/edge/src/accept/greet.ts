import { randomBytes } from 'node:crypto';
import {
  type CloseCode,
  closeCodes,
  type Hello,
  refusalCodes,
  type RefusalCode,
  scopeKeysOf,
  type ScopeKeys,
} from '@reveille/contracts';
import { type Plan, planOf } from '@reveille/orchestration';
import type { RawData, WebSocket } from 'ws';
import { readClientFrame } from '../session/dispatch.ts';
import { Session } from '../session/session.ts';
import { type AuthRefusal, type Authenticated, developmentPrincipal } from './authenticate.ts';
import type { Entrance, EntranceParts } from './entrance.ts';

/** A frame that came while the first one was still being judged: the socket is paused, so there are few. */
type Early = { readonly data: RawData; readonly isBinary: boolean };

/**
 * From an open socket to a session: `hello`, who it is, what the user needs, whether there is a place. Undefined when the socket
 * was closed, with the code that says why.
 */
export async function greet(socket: WebSocket, entrance: Entrance, parts: EntranceParts): Promise<Session | undefined> {
  const early: Early[] = [];
  const refuse = (code: CloseCode, reason?: string): undefined => {
    socket.removeAllListeners('message');
    // A paused socket would not read the answer to its close.
    socket.resume();
    socket.close(code.code, (reason ?? code.reason).slice(0, 120));
    return undefined;
  };
  const first = await firstFrame(socket, early, parts.timings.helloMs);
  if (first === undefined)
    return socket.readyState === socket.OPEN ? refuse(closeCodes.unauthenticated, 'no hello') : undefined;

  const hello = readHello(first);
  if ('code' in hello) {
    if (hello.error !== undefined) socket.send(JSON.stringify({ type: 'error', ...hello.error }));
    return refuse(hello.code, hello.reason);
  }
  const who = await identify(hello, entrance, parts);
  if ('refused' in who) {
    const message = `The identity was refused: ${who.refused}.`;
    socket.send(JSON.stringify({ type: 'error', code: 'bad_frame', message }));
    return refuse(closeCodes.unauthenticated, who.refused);
  }
  const keys = await scopeKeysOf(who);
  const { name, entrypoint, current } = entrance;
  const plan = planOf(current.catalog, name, keys, who);
  if ('refused' in plan) return refuse(closeCodes.forbidden, wordsFor(plan));

  const id = randomBytes(16).toString('hex');
  const place = { entrypoint: name, user: keys.user, connection: id };
  if (!(await parts.leases.acquire(place, entrypoint.limits.connectionsPerUser)))
    return refuse(closeCodes.connectionLimit);
  const leave = (): void => void parts.leases.release(place);
  if (socket.readyState !== socket.OPEN) return leave() as undefined;
  socket.once('close', leave);

  const session = open({ id, socket, who, keys, plan }, entrance, parts);
  welcome(session, entrance, parts);
  socket.removeAllListeners('message');
  socket.on('message', (data, isBinary) => session.hear(data, isBinary));
  for (const { data, isBinary } of early) session.hear(data, isBinary);
  socket.resume();
  return session;
}

function open(
  of: { id: string; socket: WebSocket; who: Authenticated; keys: ScopeKeys; plan: Plan },
  { name, entrypoint, current, connection }: Entrance,
  parts: EntranceParts,
): Session {
  const group = parts.groups.groupFor({ digest: current.digest, name, entrypoint, plan: of.plan });
  return new Session({
    id: of.id,
    socket: of.socket,
    connection,
    principal: of.who,
    group,
    rules: current.rulesOf(name),
    signingKey: parts.signingKey,
    authenticate: parts.authenticate,
    timings: parts.timings,
    logger: parts.logger.child({ session: of.id, entrypoint: name }),
  });
}

function welcome({ id, principal, outbox }: Session, { name, entrypoint }: Entrance, { timings }: EntranceParts): void {
  const { user, tenant } = principal;
  const { messageBytes, heldMessages, heldBytes, messagesPerSecond } = entrypoint.limits;
  outbox.send({
    type: 'welcome',
    session: id,
    resumeKey: randomBytes(32).toString('base64url'),
    // Nothing is kept beyond the socket yet, and the client is told so.
    resumed: false,
    entrypoint: name,
    user,
    ...(tenant === undefined ? {} : { tenant }),
    heartbeatMs: timings.heartbeatMs,
    limits: { messageBytes, heldMessages, heldBytes, messagesPerSecond },
  });
}

async function identify(
  hello: Hello,
  { bearer }: Entrance,
  { authenticate }: EntranceParts,
): Promise<Authenticated | AuthRefusal> {
  if (authenticate === undefined) return developmentPrincipal(hello.as);
  // A token on the upgrade was judged there; it is the one that counts.
  if (bearer !== undefined) return bearer;
  return hello.token === undefined ? { refused: 'no token' } : authenticate(hello.token);
}

/** The first message, then the socket is paused and what came with it goes to `early`. Undefined: none came, or it closed. */
function firstFrame(socket: WebSocket, early: Early[], helloMs: number): Promise<Early | undefined> {
  return new Promise((resolve) => {
    let first: Early | undefined;
    const timer = setTimeout(() => resolve(undefined), helloMs);
    const done = (frame: Early | undefined): void => {
      clearTimeout(timer);
      resolve(frame);
    };
    socket.once('close', () => done(undefined));
    socket.on('message', (data, isBinary) => {
      if (first !== undefined) return void early.push({ data, isBinary });
      first = { data, isBinary };
      socket.pause();
      done(first);
    });
  });
}

type NoHello = { code: CloseCode; reason: string; error?: { code: RefusalCode; message: string } };

function readHello({ data, isBinary }: Early): Hello | NoHello {
  const read = readClientFrame(data, isBinary);
  switch (read.kind) {
    case 'malformed':
      return { code: closeCodes.malformed, reason: `malformed frame: ${read.reason}` };
    case 'refused': {
      const { code, message } = read;
      return { code: closeCodes.unauthenticated, reason: 'no valid hello', error: { code, message } };
    }
    case 'frame': {
      if (read.frame.type === 'hello') return read.frame;
      const message = `${refusalCodes.bad_frame} The first frame is hello.`;
      return { code: closeCodes.unauthenticated, reason: 'no hello', error: { code: 'bad_frame', message } };
    }
  }
}

function wordsFor(refusal: Extract<ReturnType<typeof planOf>, { refused: string }>): string {
  switch (refusal.refused) {
    case 'tenant_required':
      return 'this entrypoint needs a tenant, and the token names none';
    case 'unknown_entrypoint':
    case 'unknown_service':
      return 'the entrypoint is not in the catalog';
  }
}
