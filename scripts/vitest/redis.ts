import type { TestProject } from 'vitest/node';
// By its path: Vitest resolves the imports of a global setup without the project's conditions.
import { launchRedis, type LocalRedis } from '../../packages/broker/src/server/index.ts';

/**
 * Vitest runs a global setup once for each project and loads it anew each time, but always in its main process: the
 * server is kept there, started for the first project that needs it and ended after the last.
 */
interface Shared {
  server: Promise<LocalRedis>;
  users: number;
}

const place = globalThis as { [key: symbol]: Shared | undefined };
const key = Symbol.for('reveille.test.redis');

export default async function provideRedis(project: TestProject): Promise<() => Promise<void>> {
  const shared = (place[key] ??= { server: launchRedis(), users: 0 });
  shared.users += 1;
  project.provide('redisUrl', (await shared.server).url);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    place[key] = undefined;
    await (await shared.server)[Symbol.asyncDispose]();
  };
}
