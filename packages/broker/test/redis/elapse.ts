import { Cluster, type Redis } from 'ioredis';

type Client = Redis | Cluster;

const scored = /:(interest|attention|leases|connections|members|slots|reservations|session-ends)(:|$)/;

/** Lets time pass in a namespace by moving everything that is timed into the past: Redis's own clock cannot be moved. */
export async function elapse(redis: Client, namespace: string, ms: number): Promise<void> {
  for (const key of await keysOf(redis, namespace)) {
    if (scored.test(key) && (await redis.type(key)) === 'zset') await moveScores(redis, key, ms);
    if (key.includes(':record:') && (await redis.hexists(key, 'announcedAt')) === 1)
      await redis.hincrby(key, 'announcedAt', -ms);
    if (key.includes(':address:')) await moveEnds(redis, key, ms);
    if (key.endsWith(':journal')) await agePending(redis, key, ms);
    const ttl = await redis.pttl(key);
    if (ttl >= 0) await redis.pexpire(key, Math.max(0, ttl - ms));
  }
}

export async function keysOf(redis: Client, namespace: string): Promise<string[]> {
  const keys = new Set<string>();
  for (const node of redis instanceof Cluster ? redis.nodes('master') : [redis]) {
    for (const pattern of [`{${namespace}}*`, `{${namespace}:p*}*`]) {
      for await (const page of node.scanStream({ match: pattern, count: 1000 })) {
        for (const key of page as string[]) keys.add(key);
      }
    }
  }
  return [...keys].sort();
}

async function moveScores(redis: Client, key: string, ms: number): Promise<void> {
  await redis.eval(
    `for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do redis.call('ZINCRBY', KEYS[1], -ARGV[1], member) end`,
    1,
    key,
    ms,
  );
}

async function moveEnds(redis: Client, key: string, ms: number): Promise<void> {
  for (const [edge, text] of Object.entries(await redis.hgetall(key))) {
    const [count, ends] = text.split(' ');
    await redis.hset(key, edge, `${count} ${Number(ends) - ms}`);
  }
}

async function agePending(redis: Client, key: string, ms: number): Promise<void> {
  let pending: [string, string, number, number][];
  try {
    pending = (await redis.xpending(key, 'relays', '-', '+', 1000)) as typeof pending;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('NOGROUP')) return;
    throw error;
  }
  for (const [id, consumer, idle] of pending) {
    await redis.call('XCLAIM', key, 'relays', consumer, '0', id, 'IDLE', String(idle + ms), 'JUSTID');
  }
}
