export { connectBroker, type ConnectBrokerOptions, type RedisBroker, type SessionsPlace } from './connect-broker.ts';
export type { RedisKeyRow } from './key/table-row.ts';
export { redisKeys } from './key/table.ts';
export type { BrokerLogger } from './logger.ts';
export { maxTtlMs } from './redis/availability.ts';
export type { RedisAccess } from './redis/access.ts';
export { checkRedis, RedisUnfit, type RedisFault } from './redis/fitness.ts';
export { recordLimitBytes } from './ledger/check-commit.ts';
export { redisAccess, redisAccessOf, redisSettingFaults, redisSettings, type RedisSettings } from './redis/settings.ts';
export {
  sessionsPlace,
  sessionsPlaceOf,
  sessionsSettingFaults,
  sessionsSettings,
  type SessionsSettings,
} from './redis/sessions-settings.ts';
export type { NodeFacts } from './survey/node-facts.ts';
export { surveyRedis, type RedisSurvey } from './survey/survey.ts';
export type { KeptUse, NamespaceUse } from './survey/use.ts';
