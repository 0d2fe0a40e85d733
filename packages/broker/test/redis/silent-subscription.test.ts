import { launchRedis } from '@reveille/broker/server';
import type { JournalEntry } from '@reveille/contracts';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { Keys } from '../../src/key/keys.ts';
import { parseRedisUrl } from '../../src/redis/address.ts';
import { Link } from '../../src/redis/link.ts';
import { BullmqRouter } from '../../src/router/bullmq-router.ts';
import { Inbox } from '../conformance/inbox.ts';
import { entryOf, instanceOf } from '../conformance/samples.ts';
import { collectingLogger } from './collecting-logger.ts';

const agent = instanceOf('agent');

/** A router whose node stays registered while its topics are taken away: the library does not notice that. */
async function bench(everyMs: number) {
  const server = await launchRedis();
  const logger = collectingLogger();
  const link = new Link(parseRedisUrl(server.url, {}), logger);
  await link.connected();
  const router = new BullmqRouter(link, new Keys('quiet', 8), logger, everyMs);
  const [routed, gaps] = [new Inbox<JournalEntry>(), new Inbox<string>()];
  const edge = await router.subscribe('e1', { onEntry: routed.put, onGap: gaps.put });
  const redis = new Redis(server.url);
  return {
    router,
    routed,
    gaps,
    logger,
    takeTopicsAway: () => redis.del('{quiet}::relay:{edges}:subs'),
    async [Symbol.asyncDispose]() {
      redis.disconnect();
      await edge[Symbol.asyncDispose]();
      await router[Symbol.asyncDispose]();
      await link[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('a subscription that has fallen silent is found, opened anew, and what it missed is read again', async () => {
  await using quiet = await bench(200);
  await quiet.router.publish('e1', [entryOf(agent, 1)]);
  await quiet.routed.count(1);
  expect(await quiet.takeTopicsAway()).toBe(1);
  await quiet.router.publish('e1', [entryOf(agent, 2)]);
  expect(await quiet.gaps.count(1)).toEqual(['silent']);
  await quiet.router.publish('e1', [entryOf(agent, 3)]);
  expect((await quiet.routed.count(2)).map(({ record }) => record.revision)).toEqual([1, 3]);
});

test('one that is heard is left alone, and its probes reach nobody', async () => {
  // A busy machine takes its time for a probe, which must not look like silence.
  const everyMs = 1_500;
  await using quiet = await bench(everyMs);
  await new Promise((resolve) => setTimeout(resolve, everyMs * 3));
  await quiet.router.publish('e1', [entryOf(agent, 1)]);
  await quiet.routed.count(1);
  expect(quiet.gaps.all).toEqual([]);
  expect(quiet.logger.lines.all.filter(({ level }) => level === 'error')).toEqual([]);
});
