export { findRedisServer, type RedisServer } from './find.ts';
export { launchRedis, type LaunchRedisOptions, type LocalRedis } from './launch.ts';
export type { ServerExit } from './start.ts';
