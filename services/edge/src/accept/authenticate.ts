import type { Principal } from '@reveille/contracts';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';

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
  | ({
      readonly kind: 'jwks';
      readonly url: string;
      /** For how long an unknown key is not asked for again, and keys are believed; milliseconds. */
      readonly cooldownMs?: number;
      readonly cacheMs?: number;
    } & TokenChecks);

/** `expiresAt`: epoch milliseconds. */
export type Authenticated = Principal & { readonly expiresAt?: number };
export type AuthRefusal = { readonly refused: string };

/** How far the clocks of issuer and edge may differ. */
const skewSeconds = 30;
const jwksTimeoutMs = 5_000;
/** Keys are fetched again when one is not known, and then not again for so long; and always after the longer time, so that a withdrawn key ends. */
const jwksCooldownMs = 5_000;
const jwksCacheMs = 300_000;
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
export function createAuthenticate(config: AuthConfig): Authenticate | undefined {
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
  const keys = createRemoteJWKSet(new URL(config.url), {
    timeoutDuration: jwksTimeoutMs,
    cooldownDuration: config.cooldownMs ?? jwksCooldownMs,
    cacheMaxAge: config.cacheMs ?? jwksCacheMs,
  });
  return (token) => judged(jwtVerify(token, keys, options), config);
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
    return { refused: wordsFor(error) };
  }
}

function wordsFor(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the claim "${error.claim}" of the token is not as expected`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature of the token is not valid';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the algorithm of the token is not allowed';
  if (error instanceof errors.JWKSNoMatchingKey) return 'no known key signed the token';
  if (error instanceof errors.JWKSTimeout) return 'the keys of the token issuer cannot be had at the moment';
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
