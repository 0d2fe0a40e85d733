import { redisSettingFaults, redisSettings } from '@reveille/broker';
import { type ConfigOf, integer, loadConfig, text } from '@reveille/lifecycle';

const spec = {
  ...redisSettings,
  namespace: text('REVEILLE_NAMESPACE', {
    default: 'reveille',
    pattern: /[a-z0-9-]{1,32}/,
    expected: '1 to 32 lower-case letters, digits or "-"',
  }),
  healthPort: integer('REVEILLE_HEALTH_PORT', { default: 9090, min: 0, max: 65_535 }),
} as const;

export type RelayConfig = ConfigOf<typeof spec>;

/** Reads the configuration of a relay. @throws ConfigError with all faults at once. */
export function relayConfig(env: NodeJS.ProcessEnv): RelayConfig {
  return loadConfig(env, spec, [redisSettingFaults]);
}
