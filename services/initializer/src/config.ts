import { hostname } from 'node:os';
import { redisSettingFaults, redisSettings } from '@reveille/broker';
import { type ConfigOf, integer, loadConfig, secret, text } from '@reveille/lifecycle';

const spec = {
  ...redisSettings,
  namespace: text('REVEILLE_NAMESPACE', {
    default: 'reveille',
    pattern: /[a-z0-9-]{1,32}/,
    expected: '1 to 32 lower-case letters, digits or "-"',
  }),
  catalog: text('REVEILLE_CATALOG'),
  rootSecret: secret('REVEILLE_ROOT_SECRET', { minBytes: 32 }),
  /** Public keys of edges; absent: those that the edges announce. */
  edgeKey: text('REVEILLE_EDGE_KEY', { optional: true }),
  hostId: text('REVEILLE_HOST_ID', {
    default: hostname(),
    pattern: /[\w.-]{1,253}/,
    expected: 'a host name or another id of letters, digits, ".", "_" and "-"',
  }),
  advertiseAddress: text('REVEILLE_ADVERTISE_ADDRESS', { default: '127.0.0.1' }),
  reportPort: integer('REVEILLE_REPORT_PORT', { default: 0, min: 0, max: 65_535 }),
  healthPort: integer('REVEILLE_HEALTH_PORT', { default: 9090, min: 0, max: 65_535 }),
  /** Starts under way at once in this process; more wait in the queue. */
  startConcurrency: integer('REVEILLE_START_CONCURRENCY', { default: 16, min: 1, max: 1000 }),
  /** Starts under way at once over all initializers, and of one tenant; absent: as many as the initializers take. */
  poolStarts: integer('REVEILLE_POOL_STARTS', { optional: true, min: 1, max: 1_000_000 }),
  tenantStarts: integer('REVEILLE_TENANT_STARTS', { optional: true, min: 1, max: 1_000_000 }),
} as const;

export type InitializerConfig = ConfigOf<typeof spec>;

/** Reads the configuration of an initializer. @throws ConfigError with all faults at once. */
export function initializerConfig(env: NodeJS.ProcessEnv): InitializerConfig {
  return loadConfig(env, spec, [redisSettingFaults]);
}
