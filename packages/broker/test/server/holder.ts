/**
 * A process that holds a server, for tests of what becomes of it. Prints `{"url","pid"}`; on SIGINT, asks the server to
 * count a second and says that it did: longer than a server takes that was interrupted too.
 */
import { Redis } from 'ioredis';
import { launchRedis } from '../../src/server/index.ts';

const server = await launchRedis();
const redis = new Redis(server.url);
// That the server ends is what some tests are about. The client tries to come back, which keeps this process running.
redis.on('error', () => undefined);
process.on('SIGINT', () => {
  void redis.blpop('nothing', 1).then(() => console.log('still there'));
});
await redis.ping();
console.log(JSON.stringify({ url: server.url, pid: server.pid }));
