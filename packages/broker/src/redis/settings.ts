import { readFileSync } from 'node:fs';
import { type ConfigFault, type ConfigOf, loadConfig, secret, setting, text, url } from '@reveille/lifecycle';
import type { RedisAccess, RedisTls } from './access.ts';

/** Of the URL of a Redis. */
export const redisProtocols = [
  ...['redis:', 'redis-sentinel:', 'redis-cluster:'],
  ...['rediss:', 'rediss-sentinel:', 'rediss-cluster:'],
];

/** The variables by which every process finds its Redis. */
export const redisSettings = {
  redisUrl: url('REDIS_URL', {
    protocols: redisProtocols,
  }),
  redisUsername: text('REDIS_USERNAME', { optional: true }),
  redisPassword: secret('REDIS_PASSWORD', { optional: true }),
  redisSentinelUsername: text('REDIS_SENTINEL_USERNAME', { optional: true }),
  redisSentinelPassword: secret('REDIS_SENTINEL_PASSWORD', { optional: true }),
  redisTlsCa: pemFile('REDIS_TLS_CA', 'CERTIFICATE'),
  redisTlsCert: pemFile('REDIS_TLS_CERT', 'CERTIFICATE'),
  redisTlsKey: pemFile('REDIS_TLS_KEY', 'PRIVATE KEY'),
} as const;

/** Their values: those of the files are the texts in them. */
export type RedisSettings = ConfigOf<typeof redisSettings>;

/** Faults of settings that do not go together: whoever names a certificate wants an encrypted connection, and no other. */
export function redisSettingFaults(settings: RedisSettings): ConfigFault | undefined {
  return tlsFault(settings.redisUrl, redisAccess(settings).tls ?? {}, '');
}

/** `prefix`: of the variables that say where this Redis is. */
export function tlsFault(url: string, { ca, cert, key }: RedisTls, prefix: string): ConfigFault | undefined {
  if ((cert === undefined) !== (key === undefined)) {
    const found = `${prefix}REDIS_TLS_${cert === undefined ? 'KEY' : 'CERT'} alone`;
    return { name: `${prefix}REDIS_TLS_CERT and ${prefix}REDIS_TLS_KEY`, found, expected: 'both or neither' };
  }
  if ((ca ?? cert) === undefined || url.startsWith('rediss')) return undefined;
  const found = `${url.split('://', 1)[0]}://, and a certificate for it`;
  return { name: `${prefix}REDIS_URL`, found, expected: 'rediss://, rediss-sentinel:// or rediss-cluster://' };
}

export function redisAccess(settings: Partial<RedisSettings>): RedisAccess {
  const { redisTlsCa: ca, redisTlsCert: cert, redisTlsKey: key } = settings;
  return {
    username: settings.redisUsername,
    password: settings.redisPassword,
    sentinelUsername: settings.redisSentinelUsername,
    sentinelPassword: settings.redisSentinelPassword,
    tls: { ca, cert, key },
  };
}

/**
 * What the environment says beside the URL, for those who got that from elsewhere.
 * @throws ConfigError with all faults at once
 */
export function redisAccessOf(env: Readonly<Record<string, string | undefined>>, redisUrl: string): RedisAccess {
  const { redisUrl: _, ...beside } = redisSettings;
  return redisAccess(loadConfig(env, beside, [(found) => redisSettingFaults({ ...found, redisUrl })]));
}

/** A path in the environment; the text of the file in the program. */
export function pemFile(name: string, kind: string) {
  return setting(
    name,
    {
      expected: `the path of a PEM file with a ${kind} that can be read`,
      parse: (path) => {
        try {
          const pem = readFileSync(path, 'utf8');
          return new RegExp(`-----BEGIN [A-Z ]*${kind}-----`).test(pem) ? pem : undefined;
        } catch {
          // Told as a fault of the setting.
          return undefined;
        }
      },
    },
    { optional: true },
  );
}
