import { type ConfigFault, type ConfigOf, integer, loadConfig, secret, text, url } from '@reveille/lifecycle';
import type { SessionsPlace } from '../connect-broker.ts';
import { defaultSessionsBytes } from '../session/bound.ts';
import { pemFile, redisProtocols, tlsFault } from './settings.ts';

/** The variables by which edges find the place of their sessions, when that is not the Redis of everything else, and its bound. */
export const sessionsSettings = {
  sessionsBytes: integer('REVEILLE_SESSIONS_BYTES', { default: defaultSessionsBytes, min: 1_048_576 }),
  sessionsRedisUrl: url('REVEILLE_SESSIONS_REDIS_URL', { optional: true, protocols: redisProtocols }),
  sessionsRedisUsername: text('REVEILLE_SESSIONS_REDIS_USERNAME', { optional: true }),
  sessionsRedisPassword: secret('REVEILLE_SESSIONS_REDIS_PASSWORD', { optional: true }),
  sessionsRedisSentinelUsername: text('REVEILLE_SESSIONS_REDIS_SENTINEL_USERNAME', { optional: true }),
  sessionsRedisSentinelPassword: secret('REVEILLE_SESSIONS_REDIS_SENTINEL_PASSWORD', { optional: true }),
  sessionsRedisTlsCa: pemFile('REVEILLE_SESSIONS_REDIS_TLS_CA', 'CERTIFICATE'),
  sessionsRedisTlsCert: pemFile('REVEILLE_SESSIONS_REDIS_TLS_CERT', 'CERTIFICATE'),
  sessionsRedisTlsKey: pemFile('REVEILLE_SESSIONS_REDIS_TLS_KEY', 'PRIVATE KEY'),
} as const;

/** Their values: those of the files are the texts in them. */
export type SessionsSettings = ConfigOf<typeof sessionsSettings>;

/** Faults of settings that do not go together. */
export function sessionsSettingFaults(settings: SessionsSettings): ConfigFault | undefined {
  const { url: at, access: { tls = {}, ...access } = {} } = sessionsPlace(settings);
  if (at !== undefined) return tlsFault(at, tls, 'REVEILLE_SESSIONS_');
  if (Object.values({ ...tls, ...access }).every((value) => value === undefined)) return undefined;
  const found = 'absent, and other settings for that Redis';
  return { name: 'REVEILLE_SESSIONS_REDIS_URL', found, expected: 'the URL of the Redis that they are for' };
}

/** Where sessions are kept, and how much of them. */
export function sessionsPlace(settings: Partial<SessionsSettings>): SessionsPlace {
  const { sessionsRedisTlsCa: ca, sessionsRedisTlsCert: cert, sessionsRedisTlsKey: key } = settings;
  return {
    bytes: settings.sessionsBytes,
    url: settings.sessionsRedisUrl,
    access: {
      username: settings.sessionsRedisUsername,
      password: settings.sessionsRedisPassword,
      sentinelUsername: settings.sessionsRedisSentinelUsername,
      sentinelPassword: settings.sessionsRedisSentinelPassword,
      tls: { ca, cert, key },
    },
  };
}

/** @throws ConfigError with all faults at once */
export function sessionsPlaceOf(env: Readonly<Record<string, string | undefined>>): SessionsPlace {
  return sessionsPlace(loadConfig(env, sessionsSettings, [sessionsSettingFaults]));
}
