/**
 * A process that holds a server, for tests of what becomes of it. Prints `{"url","pid"}`; on SIGINT, asks the server
 * and prints its answer.
 */
import { Redis } from 'ioredis';
import { launchRedis } from '../../src/server/index.ts';

const server = await launchRedis();
const redis = new Redis(server.url);
process.on('SIGINT', () => {
  void redis.ping().then((answer) => console.log(answer));
});
await redis.ping();
console.log(JSON.stringify({ url: server.url, pid: server.pid }));
