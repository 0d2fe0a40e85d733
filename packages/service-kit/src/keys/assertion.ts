import { sign, verify, type KeyObject } from 'node:crypto';
import { bytesOf } from './ed25519.ts';
import { edgePublicKeys } from './edge-key.ts';

/** No assertion is valid for longer: it is made for one handshake. */
export const assertionMaximumSeconds = 60;
/** How far the clocks of an edge and a service may differ. */
const skewSeconds = 5;
/** A JWT of ours is below 2 kB; this bounds what a stranger can have us parse. */
const maximumLength = 8192;

export type AssertionFields = {
  key: KeyObject;
  subject: string;
  tenant?: string | undefined;
  roles?: readonly string[] | undefined;
  session: string;
  /** The instance key of the service. */
  audience: string;
  ttlSeconds: number;
  /** Epoch milliseconds, `Date.now()` by default. */
  now?: number;
};

/**
 * What an edge says to a service about the session behind an upstream: a JWT signed with EdDSA (RFC 8037).
 *
 * @throws RangeError when the time to live is not within 1 … 60 s.
 */
export function signAssertion(fields: AssertionFields): string {
  const { ttlSeconds } = fields;
  if (!(ttlSeconds >= 1 && ttlSeconds <= assertionMaximumSeconds)) {
    throw new RangeError(`An assertion lives 1 to ${assertionMaximumSeconds} seconds, not ${ttlSeconds}.`);
  }
  const iat = Math.floor((fields.now ?? Date.now()) / 1000);
  const claims = {
    sub: fields.subject,
    ...(fields.tenant === undefined ? {} : { tenant: fields.tenant }),
    ...(fields.roles === undefined ? {} : { roles: fields.roles }),
    sid: fields.session,
    aud: fields.audience,
    iat,
    exp: iat + Math.floor(ttlSeconds),
  };
  const signed = `${encode({ alg: 'EdDSA', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), fields.key).toString('base64url')}`;
}

export type Assertion = { sub: string; tenant?: string; sid: string; roles?: string[] };

/**
 * The assertion in a JWT when one of the keys signed it for this audience and it is valid now; else why not, in words for a log.
 * Never throws on a bad token.
 *
 * @param keys the text of `REVEILLE_EDGE_KEY`, or keys already read by `edgePublicKeys`
 * @param expected `audience`: the instance key of the service; `now`: epoch milliseconds
 * @throws TypeError when `keys` is a text that holds no keys
 */
export function verifyAssertion(
  jwt: string,
  keys: string | readonly KeyObject[],
  expected: { audience: string; now: number },
): Assertion | { refused: string } {
  const candidates = typeof keys === 'string' ? edgePublicKeys(keys) : keys;
  const [header, payload, signature, ...more] = jwt.length > maximumLength ? [] : jwt.split('.');
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0) {
    return { refused: 'not a JWT' };
  }
  // The algorithm is pinned: what the token says about it is only compared.
  if (decode(header)?.['alg'] !== 'EdDSA') return { refused: 'the algorithm is not EdDSA' };
  const bytes = bytesOf(signature, 64);
  const signed = Buffer.from(`${header}.${payload}`);
  if (!bytes || !candidates.some((key) => verify(null, signed, key, bytes))) {
    return { refused: 'the signature is not of a known edge' };
  }
  return checkClaims(decode(payload) ?? {}, expected);
}

function checkClaims(
  claims: Record<string, unknown>,
  { audience, now }: { audience: string; now: number },
): Assertion | { refused: string } {
  const { sub, tenant, sid, aud, iat, exp, roles } = claims;
  const seconds = now / 1000;
  if (aud !== audience) return { refused: 'it is for another audience' };
  if (typeof exp !== 'number' || typeof iat !== 'number') return { refused: 'it has no iat and exp' };
  if (exp + skewSeconds <= seconds) return { refused: 'it has expired' };
  if (iat - skewSeconds > seconds) return { refused: 'it is from the future' };
  if (exp - iat > assertionMaximumSeconds) return { refused: 'it lives too long' };
  if (typeof sub !== 'string' || sub === '' || typeof sid !== 'string' || sid === '') {
    return { refused: 'it names no user and session' };
  }
  if (tenant !== undefined && typeof tenant !== 'string') return { refused: 'its tenant is not a text' };
  if (roles !== undefined && !(Array.isArray(roles) && roles.every((role) => typeof role === 'string'))) {
    return { refused: 'its roles are not a list of texts' };
  }
  return { sub, sid, ...(tenant === undefined ? {} : { tenant }), ...(roles === undefined ? {} : { roles }) };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    // Not JSON: the caller refuses it in words.
    return undefined;
  }
}
