import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launchRedis } from '@reveille/broker/server';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { RecordedClient, Recording } from '../../src/api/recorded-client.ts';
import { Cluster, runs } from '../../src/cluster.ts';
import { TcpProxy } from '../../src/world/tcp-proxy.ts';

const as = { as: { user: 'ada', tenant: 'acme' } };

const catalog = (dir: string): string => `
version: 1
services:
  bare: { start: { ${runs('bare', join(dir, 'told.txt'))} } }
entrypoints:
  chat: { service: bare, provenance: endpoint, deadlineMs: 120000 }
`;

/** Two edges, each with a way of its own to a Redis of their own. */
async function twoEdges() {
  const stack = new AsyncDisposableStack();
  const redis = stack.use(await launchRedis({}));
  const { port } = new URL(redis.url);
  const cluster = stack.use(await Cluster.start({ redisUrl: redis.url, catalog, size: { edge: 0 } }));
  const ways = [await TcpProxy.before(() => Number(port)), await TcpProxy.before(() => Number(port))] as const;
  for (const way of ways) stack.use(way);
  const edges = ways.map((way) => cluster.add('edge', { REDIS_URL: `redis://127.0.0.1:${way.port}` }));
  await Promise.all(edges.map((edge) => edge.running()));
  const [one = '', two = ''] = await Promise.all(edges.map((edge) => edge.url()));
  const told = async (): Promise<string[]> =>
    (await readFile(join(cluster.dir, 'told.txt'), 'utf8')).trim().split('\n');
  return { redis, ways, urls: [one, two] as const, told, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Somebody whose first message the first edge has accepted. */
async function talking([url]: readonly [string, string]) {
  const recording = new Recording();
  const client = await new RecordedClient(recording, url, 'chat').opened();
  const { session, resumeKey: key } = await client.hello(as);
  await client.next('initialization_completed');
  await accepted(client, 'm1');
  return { recording, client, resume: { session, key, lastSeq: 0 }, [Symbol.dispose]: () => client[Symbol.dispose]() };
}

async function accepted(client: RecordedClient, ...ids: string[]): Promise<void> {
  for (const id of ids) {
    client.say({ type: 'send', id, data: id } as never);
    expect((await client.next('accepted')).id).toBe(id);
  }
}

test('what an edge accepted while it alone was cut off from Redis is named at the next one, and a bare service has it once', async () => {
  await using world = await twoEdges();
  using talk = await talking(world.urls);
  const { client: first, recording } = talk;
  world.ways[0].cut();
  await accepted(first, 'm2');
  first.socket.terminate();
  using second = await new RecordedClient(recording, world.urls[1], 'chat').opened();
  const resume = { ...talk.resume, unanswered: ['m1', 'm2'] };
  expect(await second.hello({ ...as, resume })).toMatchObject({ resumed: true, lastAccepted: 'm2' });
  expect((await second.next('interrupted')).ids).toEqual(['m1', 'm2']);
  await accepted(second, 'm2', 'm3');
  await expect.poll(world.told).toEqual(['"m1"', '"m2"', '"m3"']);
});

test('after FLUSHALL what was accepted before is named at another edge once the session is kept again', async () => {
  await using world = await twoEdges();
  using talk = await talking(world.urls);
  const { client: first, recording } = talk;
  const redis = new Redis(world.redis.url);
  await redis.flushall();
  await redis.quit();
  await accepted(first, 'm2');
  first.socket.terminate();
  using second = await new RecordedClient(recording, world.urls[1], 'chat').opened();
  expect(await second.hello({ ...as, resume: talk.resume })).toMatchObject({ resumed: true });
  expect((await second.next('interrupted')).ids).toEqual(['m1', 'm2']);
});
