export { connectBroker, type ConnectBrokerOptions } from './connect-broker.ts';
export { redisKeys, type RedisKeyRow } from './key/table.ts';
export type { BrokerLogger } from './logger.ts';
export { maxTtlMs } from './redis/availability.ts';
export type { RedisAccess } from './redis/access.ts';
export { checkRedis, RedisUnfit, type RedisFault } from './redis/fitness.ts';
export { recordLimitBytes } from './ledger/check-commit.ts';
export { redisAccess, redisAccessOf, redisSettingFaults, redisSettings, type RedisSettings } from './redis/settings.ts';
