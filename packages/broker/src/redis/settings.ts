import { readFileSync } from 'node:fs';
import { type ConfigFault, type ConfigOf, loadConfig, secret, setting, text, url } from '@reveille/lifecycle';
import type { RedisAccess } from './access.ts';

/** The variables by which every process finds its Redis. */
export const redisSettings = {
  redisUrl: url('REDIS_URL', {
    protocols: ['redis:', 'rediss:', 'redis-sentinel:', 'rediss-sentinel:', 'redis-cluster:', 'rediss-cluster:'],
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
export function redisSettingFaults({
  redisUrl,
  redisTlsCa,
  redisTlsCert,
  redisTlsKey,
}: RedisSettings): ConfigFault | undefined {
  if ((redisTlsCert === undefined) !== (redisTlsKey === undefined)) {
    const found = redisTlsCert === undefined ? 'REDIS_TLS_KEY alone' : 'REDIS_TLS_CERT alone';
    return { name: 'REDIS_TLS_CERT and REDIS_TLS_KEY', found, expected: 'both or neither' };
  }
  if ((redisTlsCa ?? redisTlsCert) === undefined || redisUrl.startsWith('rediss')) return undefined;
  const found = `${redisUrl.split('://', 1)[0]}://, and a certificate for it`;
  return { name: 'REDIS_URL', found, expected: 'rediss://, rediss-sentinel:// or rediss-cluster://' };
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
function pemFile(name: string, kind: string) {
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
