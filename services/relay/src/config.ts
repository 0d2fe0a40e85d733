import { redisSettingFaults, redisSettings } from '@reveille/broker';
import { type ConfigFault, type ConfigOf, integer, loadConfig, secret, text, url } from '@reveille/lifecycle';

const spec = {
  ...redisSettings,
  namespace: text('REVEILLE_NAMESPACE', {
    default: 'reveille',
    pattern: /[a-z0-9-]{1,32}/,
    expected: '1 to 32 lower-case letters, digits or "-"',
  }),
  healthPort: integer('REVEILLE_HEALTH_PORT', { default: 9090, min: 0, max: 65_535 }),
  /** The admin API, where its port is set. */
  adminPort: integer('REVEILLE_ADMIN_PORT', { optional: true, min: 0, max: 65_535 }),
  adminHost: text('REVEILLE_ADMIN_HOST', { optional: true }),
  adminToken: secret('REVEILLE_ADMIN_TOKEN', { optional: true, minBytes: 24 }),
  catalog: text('REVEILLE_CATALOG', { optional: true }),
  webhookUrl: url('REVEILLE_WEBHOOK_URL', { optional: true, protocols: ['http:', 'https:'] }),
  webhookSecret: secret('REVEILLE_WEBHOOK_SECRET', { optional: true, minBytes: 24 }),
} as const;

export type RelayConfig = ConfigOf<typeof spec>;

/** Reads the configuration of a relay. @throws ConfigError with all faults at once. */
export function relayConfig(env: NodeJS.ProcessEnv): RelayConfig {
  return loadConfig(env, spec, [redisSettingFaults, adminFault, webhookFault]);
}

function adminFault({ adminPort, adminToken, catalog }: RelayConfig): ConfigFault | undefined {
  if (adminPort === undefined) return undefined;
  const missing = [
    ...(adminToken === undefined ? ['REVEILLE_ADMIN_TOKEN'] : []),
    ...(catalog === undefined ? ['REVEILLE_CATALOG'] : []),
  ];
  if (missing.length === 0) return undefined;
  return { name: missing.join(' and '), found: 'nothing', expected: 'a value, since REVEILLE_ADMIN_PORT is set' };
}

function webhookFault({ webhookUrl, webhookSecret }: RelayConfig): ConfigFault | undefined {
  // A request refuses such an address in words that hold it, and words become log lines.
  if (webhookUrl !== undefined && (new URL(webhookUrl).username || new URL(webhookUrl).password))
    return { name: 'REVEILLE_WEBHOOK_URL', found: 'a user or password in it', expected: 'none: events are signed' };
  if ((webhookUrl === undefined) === (webhookSecret === undefined)) return undefined;
  const [name, other] =
    webhookUrl === undefined
      ? ['REVEILLE_WEBHOOK_URL', 'REVEILLE_WEBHOOK_SECRET']
      : ['REVEILLE_WEBHOOK_SECRET', 'REVEILLE_WEBHOOK_URL'];
  return { name, found: 'nothing', expected: `a value, since ${other} is set` };
}
