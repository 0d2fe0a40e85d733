import { type Principal, refusalCodes, type RefusalCode } from '@reveille/contracts';
import type { Logger } from '@reveille/telemetry';
import { errors, jwtVerify, type JWTPayload } from 'jose';
import { IssuerAway, IssuerKeys, type IssuerKeysConfig } from './issuer-keys.ts';

type TokenChecks = {
  readonly issuer?: string;
  readonly audience?: string;
  /** The longest that a token may be valid for, in milliseconds from now: what the issuer revokes ends so soon. */
  readonly longestMs?: number;
};
export type AuthConfig =
  /** Development: anybody is whom he says. Loopback only. */
  | { readonly kind: 'none' }
  | ({ readonly kind: 'secret'; readonly secret: string } & TokenChecks)
  | ({ readonly kind: 'jwks' } & IssuerKeysConfig & TokenChecks);

/** `expiresAt`: epoch milliseconds. */
export type Authenticated = Principal & { readonly expiresAt?: number };
/** `retryAfterMs`: nobody can say whether the token is good at the moment; it may be shown again after so many milliseconds. */
export type AuthRefusal = { readonly refused: string; readonly retryAfterMs?: number };

/** How far the clocks of issuer and edge may differ. */
const skewSeconds = 30;
const idLength = 256;
const roleCount = 64;
/** What JWKS keys may sign with. Never `none`, never a symmetric algorithm: a public key must not become a shared secret. */
const asymmetric = [
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
];

export type Authenticate = (token: string) => Promise<Authenticated | AuthRefusal>;

/** Checks tokens; a bad one is a refusal in words that are safe to show, never an exception. */
export function createAuthenticate(config: AuthConfig, logger: Logger): Authenticate | undefined {
  if (config.kind === 'none') return undefined;
  const options = {
    algorithms: config.kind === 'secret' ? ['HS256'] : asymmetric,
    clockTolerance: skewSeconds,
    requiredClaims: ['sub', 'exp'],
    ...(config.issuer === undefined ? {} : { issuer: config.issuer }),
    ...(config.audience === undefined ? {} : { audience: config.audience }),
  };
  if (config.kind === 'secret') {
    const key = new TextEncoder().encode(config.secret);
    return (token) => judged(jwtVerify(token, key, options), config);
  }
  const keys = new IssuerKeys(config, logger);
  return (token) => judged(jwtVerify(token, keys.find, options), config);
}

async function judged(
  verified: Promise<{ payload: JWTPayload }>,
  { longestMs }: TokenChecks,
): Promise<Authenticated | AuthRefusal> {
  try {
    const { payload } = await verified;
    if (longestMs !== undefined && (payload.exp ?? 0) * 1000 > Date.now() + longestMs + skewSeconds * 1000)
      return { refused: `the token is valid for longer than ${longestMs / 1000} s` };
    return principalOf(payload);
  } catch (error) {
    if (error instanceof IssuerAway)
      return { refused: 'tokens cannot be checked at the moment', retryAfterMs: error.retryAfterMs };
    return { refused: wordsFor(error) };
  }
}

/** What the client is told of a refusal. `what` was refused. */
export function errorOf(
  { refused, retryAfterMs }: AuthRefusal,
  what: 'token' | 'identity',
): { code: RefusalCode; message: string; retryAfterMs?: number } {
  return retryAfterMs === undefined
    ? { code: 'bad_frame', message: `The ${what} was refused: ${refused}.` }
    : { code: 'unavailable', message: refusalCodes.unavailable, retryAfterMs };
}

function wordsFor(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the claim "${error.claim}" of the token is not as expected`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature of the token is not valid';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the algorithm of the token is not allowed';
  if (error instanceof errors.JWKSNoMatchingKey) return 'no known key signed the token';
  return 'the token cannot be read';
}

function principalOf({ sub, exp, tenant, roles }: JWTPayload): Authenticated | AuthRefusal {
  const refusal = idRefusal('sub', sub) ?? (tenant === undefined ? undefined : idRefusal('tenant', tenant));
  if (refusal !== undefined) return { refused: refusal };
  const named: unknown[] = roles === undefined ? [] : Array.isArray(roles) ? roles : [undefined];
  if (named.length > roleCount || !named.every((role) => typeof role === 'string')) {
    return { refused: `the claim "roles" of the token is not a list of at most ${roleCount} texts` };
  }
  return {
    user: sub as string,
    ...(tenant === undefined ? {} : { tenant: tenant as string }),
    roles: named as string[],
    ...(exp === undefined ? {} : { expiresAt: endOf(exp) }),
  };
}

/** By the clock of this edge; what is let in although that says it is over lasts as long as the other clock may be behind. */
function endOf(exp: number): number {
  return exp * 1000 > Date.now() ? exp * 1000 : (exp + skewSeconds) * 1000;
}

/** Who develops on this machine also operates it: a failure may show the last log lines where the catalog names this role. */
const developmentRoles = ['operator'];

/** The identity of a development session. */
export function developmentPrincipal(
  as: { user?: string; tenant?: string | undefined } | undefined,
): Authenticated | AuthRefusal {
  const { user = 'dev', tenant = 'dev' } = as ?? {};
  const refusal = idRefusal('user', user) ?? idRefusal('tenant', tenant);
  return refusal === undefined ? { user, tenant, roles: developmentRoles } : { refused: refusal };
}

/** Ids go into logs, records and environments of services: nothing invisible may hide in them. */
function idRefusal(name: string, id: unknown): string | undefined {
  if (typeof id !== 'string' || id === '') return `"${name}" is not a text`;
  if (id.length > idLength) return `"${name}" has more than ${idLength} characters`;
  if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(id)) return `"${name}" holds control characters`;
  return undefined;
}
