import type { KeyObject } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { traceparent as traceparentText, upstreamHeaders, upstreamHeaderValue } from '@reveille/contracts';
import { verifyAssertion, type Assertion } from '../keys/assertion.ts';
import { edgePublicKeys } from '../keys/edge-key.ts';
import { serviceEnv } from '../service-env.ts';

/** Who is behind an upgrade request, and how much of the session the edge has. */
export type Visitor = {
  session: string;
  user: string;
  tenant?: string;
  roles?: string[];
  generation: number;
  traceparent?: string;
  /** Everything that the session emitted up to this number is stored at the edge. */
  stored: number;
};
export type Refusal = { status: 400 | 401 | 403; reason: string };

/** What this service is, read once at the start so that a wrong key is found then. */
export type Gate = { keys?: KeyObject[]; audience?: string; generation?: number };

/**
 * @throws Error when the keys that prove edge and service are missing and `keyless` does not allow it
 * @throws TypeError when a key is unreadable
 */
export function createGate(env: NodeJS.ProcessEnv, keyless: boolean): Gate {
  const { edgeKey, instanceKey, instance, generation } = serviceEnv(env);
  const needed = {
    REVEILLE_EDGE_KEY: edgeKey,
    REVEILLE_INSTANCE_KEY: instanceKey,
    REVEILLE_INSTANCE: instance,
    REVEILLE_GENERATION: generation,
  };
  const missing = Object.entries(needed).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (missing.length > 0 && !keyless) {
    throw new Error(
      `serveSessions needs ${missing.join(', ')}, which Reveille gives to the services that it starts. ` +
        'To run this service by hand, without proof of who connects, pass keyless: true.',
    );
  }
  if (edgeKey !== undefined && instance === undefined) {
    throw new Error('REVEILLE_EDGE_KEY without REVEILLE_INSTANCE: assertions could not be checked for their audience.');
  }
  return {
    ...(edgeKey === undefined ? {} : { keys: edgePublicKeys(edgeKey) }),
    ...(instance === undefined ? {} : { audience: instance }),
    ...(generation === undefined ? {} : { generation }),
  };
}

/** Lets in whoever carries a valid assertion that its headers agree with. */
export function admit({ headers }: Pick<IncomingMessage, 'headers'>, gate: Gate, now: number): Visitor | Refusal {
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const who = gate.keys ? asserted(header('authorization'), gate, now) : undefined;
  if (who && 'status' in who) return who;

  const session = header(upstreamHeaders.session);
  const user = header(upstreamHeaders.user);
  const tenant = header(upstreamHeaders.tenant);
  if (session === undefined || !/^[\w.:~-]{1,64}$/.test(session) || user === undefined) {
    return { status: 400, reason: `${upstreamHeaders.session} and ${upstreamHeaders.user} are expected` };
  }
  if (who && !(who.sid === session && stands(user, who.sub) && stands(tenant, who.tenant))) {
    return { status: 403, reason: 'the assertion is not about the session, user and tenant of the headers' };
  }
  const generation = wholeNumber(header(upstreamHeaders.generation));
  const stored = wholeNumber(header(upstreamHeaders.stored) ?? '0');
  if (generation === undefined || stored === undefined) {
    return { status: 400, reason: `${upstreamHeaders.generation} and ${upstreamHeaders.stored} are whole numbers` };
  }
  if (gate.generation !== undefined && generation !== gate.generation) {
    return { status: 403, reason: `this is generation ${gate.generation}, not ${generation}` };
  }
  const trace = header('traceparent');
  const identity = who
    ? identityOf(who)
    : { user: plain(user), ...(tenant === undefined ? {} : { tenant: plain(tenant) }) };
  return {
    session,
    ...identity,
    generation,
    stored,
    ...(trace !== undefined && traceparentText.safeParse(trace).success ? { traceparent: trace } : {}),
  };
}

function asserted(authorization: string | undefined, gate: Gate, now: number): Assertion | Refusal {
  const jwt = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (jwt === undefined)
    return { status: 401, reason: 'the assertion of an edge is expected in authorization: Bearer' };
  const result = verifyAssertion(jwt, gate.keys ?? [], { audience: gate.audience ?? '', now });
  return 'refused' in result ? { status: 401, reason: `the assertion was refused: ${result.refused}` } : result;
}

function identityOf({ sub, tenant, roles }: Assertion): Pick<Visitor, 'user' | 'tenant' | 'roles'> {
  return { user: sub, ...(tenant === undefined ? {} : { tenant }), ...(roles === undefined ? {} : { roles }) };
}

/** Does the header stand for this id? Encoded, or as it is when that needs no encoding to travel. */
function stands(header: string | undefined, id: string | undefined): boolean {
  if (header === undefined || id === undefined) return header === id;
  return header === upstreamHeaderValue(id) || header === id;
}

function plain(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch {
    // Not percent-encoded by us: taken as it came.
    return header;
  }
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}
