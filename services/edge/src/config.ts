import { BlockList, isIP } from 'node:net';
import {
  redisSettingFaults,
  redisSettings,
  type RedisSettings,
  sessionsSettingFaults,
  sessionsSettings,
  type SessionsSettings,
} from '@reveille/broker';
import {
  boolean,
  type ConfigFault,
  ConfigError,
  describeSecret,
  durationMs,
  integer,
  list,
  loadConfig,
  oneOf,
  secret,
  setting,
  text,
  url,
} from '@reveille/lifecycle';
import { edgeSigningKey } from '@reveille/service-kit/keys';
import type { AuthConfig } from './accept/authenticate.ts';
import { defaultTimings, type EdgeTimings } from './timings.ts';

export interface EdgeConfig extends Partial<RedisSettings>, Partial<SessionsSettings> {
  readonly redisUrl: string;
  /** `undefined`: all interfaces. */
  readonly host: string | undefined;
  /** 0 takes a free port. */
  readonly port: number;
  readonly healthPort: number;
  /** `/livez`, `/readyz` and `/metrics` on the user port instead of a port of their own (`reveille dev`). */
  readonly healthOnUserPort: boolean;
  /** The page at `/` of the user port. */
  readonly page?: boolean;
  /** First part of every key in Redis. */
  readonly namespace: string;
  /** Path of the catalog. */
  readonly catalog: string;
  readonly auth: AuthConfig;
  /** Ed25519 private key, PEM or base64url seed. */
  readonly signingKey: string;
  readonly connectionsPerAddress: number | undefined;
  readonly handshakesPerSecond: number | undefined;
  /** CIDRs whose `Forwarded`/`X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly timings: EdgeTimings;
}

const loopbackHosts = new Set(['127.0.0.1', '::1', 'localhost']);

const spec = {
  host: text('HOST', { optional: true }),
  port: integer('PORT', { default: 8080, min: 0, max: 65_535 }),
  healthPort: integer('REVEILLE_HEALTH_PORT', { default: 9090, min: 0, max: 65_535 }),
  healthOnUserPort: boolean('REVEILLE_HEALTH_ON_USER_PORT', { default: false }),
  page: boolean('REVEILLE_PAGE', { default: false }),
  ...redisSettings,
  ...sessionsSettings,
  namespace: text('REVEILLE_NAMESPACE', {
    default: 'reveille',
    pattern: /[a-z][a-z0-9-]{0,31}/,
    expected: 'a lower-case letter, then at most 31 lower-case letters, digits or "-"',
  }),
  catalog: text('REVEILLE_CATALOG'),
  auth: oneOf('REVEILLE_AUTH', ['jwt', 'none'], { default: 'jwt' }),
  // RFC 7518, section 3.2: a key of HS256 is at least as long as its hash.
  jwtSecret: secret('REVEILLE_JWT_SECRET', { optional: true, minBytes: 32 }),
  jwksUrl: url('REVEILLE_JWKS_URL', { optional: true, protocols: ['http:', 'https:'] }),
  jwtIssuer: text('REVEILLE_JWT_ISSUER', { optional: true }),
  jwtAudience: text('REVEILLE_JWT_AUDIENCE', { optional: true }),
  jwtLongestMs: durationMs('REVEILLE_JWT_LONGEST', { optional: true, min: 1_000 }),
  signingKey: setting('REVEILLE_EDGE_SIGNING_KEY', {
    expected: 'an Ed25519 private key (PEM, or base64url of its 32 bytes)',
    parse: (raw) => (readable(raw) ? raw : undefined),
    describe: describeSecret,
  }),
  heartbeatMs: durationMs('REVEILLE_HEARTBEAT', { default: defaultTimings.heartbeatMs, min: 1_000, max: 300_000 }),
  connectionsPerAddress: integer('REVEILLE_CONNECTIONS_PER_ADDRESS', { optional: true, min: 1 }),
  handshakesPerSecond: integer('REVEILLE_HANDSHAKES_PER_SECOND', { optional: true, min: 1 }),
  trustedProxies: list('REVEILLE_TRUSTED_PROXIES', {
    default: [],
    item: (part) => (isCidr(part) ? part : undefined),
    expected: 'an address or a CIDR such as 10.0.0.0/8',
  }),
};

/**
 * The settings of an edge, from the environment.
 * @throws ConfigError with every fault at once
 */
export function edgeConfig(env: Readonly<Record<string, string | undefined>>): EdgeConfig {
  const read = loadConfig(env, spec, [
    redisSettingFaults,
    sessionsSettingFaults,
    ({ auth, jwtSecret, jwksUrl }): ConfigFault | undefined => {
      if (auth === 'none' || (jwtSecret === undefined) !== (jwksUrl === undefined)) return undefined;
      return {
        name: 'REVEILLE_JWT_SECRET and REVEILLE_JWKS_URL',
        found: jwtSecret === undefined ? 'neither' : 'both',
        expected: 'exactly one of them (or REVEILLE_AUTH=none for development on loopback)',
      };
    },
    ({ jwksUrl }): ConfigFault | undefined => {
      // What asks for the keys refuses such an address each time: to users that would be an issuer that is always away.
      if (jwksUrl === undefined || isFetched(jwksUrl)) return undefined;
      const expected = 'a URL of one host, without them';
      return { name: 'REVEILLE_JWKS_URL', found: 'a user, a password or several hosts in it', expected };
    },
    ({ auth, host }): ConfigFault | undefined => (auth === 'none' && host !== undefined ? openHost(host) : undefined),
  ]);
  const { jwtSecret, jwksUrl, jwtIssuer, jwtAudience, jwtLongestMs, heartbeatMs, ...rest } = read;
  const checks = {
    ...(jwtIssuer === undefined ? {} : { issuer: jwtIssuer }),
    ...(jwtAudience === undefined ? {} : { audience: jwtAudience }),
    ...(jwtLongestMs === undefined ? {} : { longestMs: jwtLongestMs }),
  };
  return {
    ...rest,
    host: rest.host ?? (rest.auth === 'none' ? '127.0.0.1' : undefined),
    auth:
      rest.auth === 'none'
        ? { kind: 'none' }
        : jwtSecret === undefined
          ? { kind: 'jwks', url: jwksUrl ?? '', ...checks }
          : { kind: 'secret', secret: jwtSecret, ...checks },
    timings: { ...defaultTimings, heartbeatMs },
  };
}

/** Without authentication an edge listens on loopback and nowhere else; `startEdge` asks again, for those who build a config by hand. */
export function refuseOpenHost(config: Pick<EdgeConfig, 'auth' | 'host'>): void {
  const fault = config.auth.kind === 'none' ? openHost(config.host ?? 'all interfaces') : undefined;
  if (fault) throw new ConfigError([fault]);
}

function openHost(host: string): ConfigFault | undefined {
  if (loopbackHosts.has(host)) return undefined;
  const expected = 'a loopback address (127.0.0.1, ::1, localhost), since REVEILLE_AUTH=none lets anybody in';
  return { name: 'HOST', found: JSON.stringify(host), expected };
}

function isFetched(address: string): boolean {
  const parsed = URL.parse(address);
  return parsed?.username === '' && parsed.password === '';
}

function readable(key: string): boolean {
  try {
    edgeSigningKey(key);
    return true;
  } catch {
    // The report says what is expected; what the key was must not be repeated.
    return false;
  }
}

function isCidr(part: string): boolean {
  try {
    addTo(new BlockList(), part);
    return true;
  } catch {
    // Told as a fault of the setting.
    return false;
  }
}

/** @throws when the text is neither an address nor a CIDR */
export function addTo(block: BlockList, cidr: string): void {
  const [address = '', bits] = cidr.split('/');
  const family = isIP(address);
  if (family === 0) throw new RangeError(`${cidr} is no address`);
  if (bits === undefined) block.addAddress(address, family === 6 ? 'ipv6' : 'ipv4');
  else if (/^\d{1,3}$/.test(bits)) block.addSubnet(address, Number(bits), family === 6 ? 'ipv6' : 'ipv4');
  else throw new RangeError(`${cidr} is no CIDR`);
}
