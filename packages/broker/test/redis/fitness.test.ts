import { checkRedis, connectBroker, RedisUnfit } from '@reveille/broker';
import { launchRedis } from '@reveille/broker/server';
import { BrokerUnavailable } from '@reveille/orchestration';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { redisUrl } from './provided-url.ts';
import { redisBench } from './redis-bench.ts';

describe('a Redis that is absent', () => {
  test('is a fault in words, and refused within five seconds', async () => {
    const gone = await launchRedis();
    await gone[Symbol.asyncDispose]();
    const started = performance.now();
    const words = `Redis cannot be reached: nothing listens there (127.0.0.1:${gone.port})`;
    expect(await checkRedis(gone.url)).toEqual([{ code: 'absent', message: words }]);
    await expect(connectBroker({ url: gone.url })).rejects.toThrow(new BrokerUnavailable(words));
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('is not waited for when it refuses the password, and the password is not told', async () => {
    await using server = await launchRedis({ args: ['--requirepass', 'right'] });
    const url = `redis://:wrong-password@127.0.0.1:${server.port}`;
    const rejected = await connectBroker({ url }).catch((error: unknown) => error);
    expect(rejected).toBeInstanceOf(BrokerUnavailable);
    expect(String(rejected)).toContain('does not accept the user or password');
    expect(String(rejected)).not.toContain('wrong-password');
    await using broker = await connectBroker({ url: server.url, password: 'right' });
    expect(broker.unavailable()).toBeUndefined();
  });

  test.each(['http://x', 'redis-sentinel://a,b', 'redis://a,b', 'redis://host:99999', 'redis://host/name', ''])(
    '%o is no address of a Redis',
    async (url) => {
      expect(await checkRedis(url)).toEqual([{ code: 'url', message: expect.stringContaining('REDIS_URL') }]);
      await expect(connectBroker({ url })).rejects.toThrow(TypeError);
    },
  );
});

describe('a Redis that must not be used', () => {
  test('one that may evict keys is refused, with the command that mends it', async () => {
    await using server = await launchRedis({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    const [fault, ...more] = await checkRedis(server.url);
    expect([fault?.code, more]).toEqual(['evicting', []]);
    expect(fault?.message).toContain('redis-cli CONFIG SET maxmemory-policy noeviction');
    await expect(connectBroker({ url: server.url })).rejects.toThrow(RedisUnfit);
    const redis = new Redis(server.url);
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
    await redis.quit();
    expect(await checkRedis(server.url)).toEqual([]);
  });

  test('a namespace in use with another number of partitions is refused', async () => {
    await using bench = await redisBench({ url: redisUrl });
    const connecting = connectBroker({ url: redisUrl, namespace: bench.namespace, partitions: 16 });
    await expect(connecting).rejects.toThrow(/in use with another layout/);
  });

  test.each(['', 'Upper', 'with space', 'a'.repeat(33), '{x}'])('%o is no namespace', async (namespace) => {
    await expect(connectBroker({ url: redisUrl, namespace })).rejects.toThrow(TypeError);
  });
});
