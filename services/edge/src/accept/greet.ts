import { randomBytes } from 'node:crypto';
import {
  type CloseCode,
  closeCodes,
  type Hello,
  refusalCodes,
  type RefusalCode,
  scopeKeysOf,
} from '@reveille/contracts';
import { type Plan, planOf, type ResumedSession } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import type { RawData, WebSocket } from 'ws';
import type { KeptSession } from '../keep/kept-session.ts';
import type { Place } from '../limit/connection-leases.ts';
import type { Encoded } from '../deliver/encoded.ts';
import { readClientFrame } from '../session/dispatch.ts';
import { Session } from '../session/session.ts';
import { type AuthRefusal, type Authenticated, developmentPrincipal, errorOf } from './authenticate.ts';
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
    socket.send(JSON.stringify({ type: 'error', ...errorOf(who, 'identity') }));
    return refuse(who.retryAfterMs === undefined ? closeCodes.unauthenticated : closeCodes.tryLater, who.refused);
  }
  const keys = await scopeKeysOf(who);
  const { name, entrypoint, current } = entrance;
  const plan = planOf(current.catalog, name, keys, who);
  if ('refused' in plan) return refuse(closeCodes.forbidden, wordsFor(plan));

  // Whoever comes back takes the place of the socket that was lost, should that still be counted.
  const fresh = newId();
  const place = { entrypoint: name, user: keys.user, connection: hello.resume?.session ?? fresh };
  if (!(await parts.leases.acquire(place, entrypoint.limits.connectionsPerUser))) {
    parts.onLimit('connections_per_user');
    return refuse(closeCodes.connectionLimit);
  }
  let session: Session | undefined;
  try {
    if (socket.readyState !== socket.OPEN) return undefined;
    const conversation = await conversationOf(hello, { user: keys.user, fresh }, entrance, parts);
    if (conversation === 'forbidden')
      return refuse(closeCodes.forbidden, 'the resume key is not that of this session and user');
    if (socket.readyState !== socket.OPEN) {
      // Gone while it was asked for: the next socket of this client continues it.
      if (conversation.kept !== undefined) void parts.kept.close(conversation.kept, conversation.from === undefined);
      return undefined;
    }
    const opened = open({ socket, who, place, plan, conversation }, entrance, parts);
    welcome(opened, conversation, entrance, parts);
    listen(socket, opened, early);
    return (session = opened);
  } finally {
    // From now on it is the session's, until its socket closes.
    if (session === undefined) void parts.leases.release(place);
  }
}

function listen(socket: WebSocket, session: Session, early: readonly Early[]): void {
  socket.removeAllListeners('message');
  socket.on('message', (data, isBinary) => session.hear(data, isBinary));
  for (const { data, isBinary } of early) session.hear(data, isBinary);
  socket.resume();
}

/** A session that is new, or one that is continued (`from`), and the key that its client may continue it with. */
type ConversationOf = {
  id: string;
  key: string;
  logger: Logger;
  kept: KeptSession | undefined;
  from: ResumedSession | undefined;
};

async function conversationOf(
  { resume }: Hello,
  { user, fresh }: { user: string; fresh: string },
  { name, entrypoint }: Entrance,
  { kept, logger }: EntranceParts,
): Promise<ConversationOf | 'forbidden'> {
  const loggerOf = (session: string): Logger => logger.child({ session, entrypoint: name });
  if (resume !== undefined && sessionId.test(resume.session)) {
    const { session: id, key, ...had } = resume;
    const identity = { session: id, entrypoint: name, user, key };
    const own = loggerOf(id);
    const resumed = await kept.resume(identity, had, entrypoint.resume, own);
    if (resumed === 'forbidden') return 'forbidden';
    if (resumed !== undefined) return { id, key, logger: own, ...resumed };
  }
  const [id, key] = [fresh, randomBytes(32).toString('base64url')];
  const identity = { session: id, entrypoint: name, user, key };
  const own = loggerOf(id);
  return { id, key, logger: own, kept: kept.begin(identity, entrypoint.resume, own), from: undefined };
}

/** What `newId` makes: nothing else ever named a session. */
const sessionId = /^[0-9a-f]{32}$/;

function newId(): string {
  return randomBytes(16).toString('hex');
}

function open(
  of: { socket: WebSocket; who: Authenticated; place: Place; plan: Plan; conversation: ConversationOf },
  { name, entrypoint, current, connection }: Entrance,
  parts: EntranceParts,
): Session {
  const { id, kept, from, logger } = of.conversation;
  const group = parts.groups.groupFor({ digest: current.digest, name, entrypoint, plan: of.plan });
  return new Session({
    id,
    kept,
    from,
    socket: of.socket,
    connection,
    principal: of.who,
    place: of.place,
    allowances: parts.allowances,
    group,
    rules: current.rulesOf(name),
    signingKey: parts.signingKey,
    authenticate: parts.authenticate,
    timings: parts.timings,
    onLimit: parts.onLimit,
    quietAfterMs: current.catalog.services[entrypoint.service]?.idle.quietAfterMs,
    logger,
  });
}

/** Says where the client stands, and gives it what it has missed. */
function welcome(
  { id, principal, outbox }: Session,
  { key, from }: ConversationOf,
  { name, entrypoint }: Entrance,
  { timings }: EntranceParts,
): void {
  const { user, tenant } = principal;
  const { messageBytes, heldMessages, heldBytes, messagesPerSecond } = entrypoint.limits;
  const lastAccepted = from?.accepted.at(-1);
  outbox.send({
    type: 'welcome',
    session: id,
    resumeKey: key,
    resumed: from !== undefined,
    entrypoint: name,
    user,
    ...(tenant === undefined ? {} : { tenant }),
    heartbeatMs: timings.heartbeatMs,
    limits: { messageBytes, heldMessages, heldBytes, messagesPerSecond },
    ...(lastAccepted === undefined ? {} : { lastAccepted }),
  });
  for (const frame of from?.frames ?? []) outbox.write(Buffer.from(frame) as Encoded);
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
    const done = (frame?: Early): void => {
      clearTimeout(timer);
      socket.off('close', gone);
      resolve(frame);
    };
    const gone = (): void => done();
    const timer = setTimeout(gone, helloMs);
    socket.once('close', gone);
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
