import type { RedisClient } from '../redis/open.ts';

/** How many jobs of a queue of BullMQ may be taken now; none while the queue is paused. `queue`: prefix and name. */
export async function waitingJobs(client: RedisClient, queue: string): Promise<number> {
  const [waiting, paused] = await Promise.all([client.llen(`${queue}:wait`), client.hget(`${queue}:meta`, 'paused')]);
  return paused === null ? waiting : 0;
}
