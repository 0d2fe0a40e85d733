import type { Keys } from '../key/keys.ts';
import type { RedisClient } from '../redis/open.ts';
import { reconcileQueue, startQueue } from '../wake-up/queues.ts';
import { journalBacklogs } from './use.ts';

/** A queue at one moment. `ageMs`: how long the job has waited that is taken next; 0 when none waits. */
export type QueueBacklog = {
  queue: string;
  waiting: number;
  prioritized: number;
  delayed: number;
  active: number;
  ageMs: number;
};

/** What waits in all of a namespace: jobs, starts in line, starts under way, journal entries that no relay has read or acknowledged. */
export type Backlog = { queues: QueueBacklog[]; inLine: number; underWay: number; unreadEntries: number };

/** All queues whose jobs initializers do; webhooks are the relay's own. */
const queues = [reconcileQueue, startQueue, 'webhook'] as const;

/** What waits in a namespace: a handful of commands, each of constant cost. */
export async function backlogOf(client: RedisClient, keys: Keys): Promise<Backlog> {
  const [, queued = '', , holders = ''] = keys.line();
  const now = Date.now();
  const [all, inLine, underWay, journals] = await Promise.all([
    Promise.all(queues.map((queue) => queueBacklog(client, `${keys.root}:${queue}`, queue, now))),
    client.hlen(queued),
    client.hlen(holders),
    journalBacklogs(client, keys),
  ]);
  const unreadEntries = journals.reduce((sum, { unread, pending }) => sum + (unread ?? 0) + pending, 0);
  return { queues: all, inLine, underWay, unreadEntries };
}

async function queueBacklog(client: RedisClient, key: string, queue: string, now: number): Promise<QueueBacklog> {
  const [waiting, prioritized, delayed, active, [next]] = await Promise.all([
    client.llen(`${key}:wait`),
    client.zcard(`${key}:prioritized`),
    client.zcard(`${key}:delayed`),
    client.llen(`${key}:active`),
    // BullMQ adds on the left and takes from the right.
    client.lrange(`${key}:wait`, -1, -1),
  ]);
  const addedAt = next === undefined ? undefined : await client.hget(`${key}:${next}`, 'timestamp');
  const ageMs = addedAt === undefined || addedAt === null ? 0 : Math.max(0, now - Number(addedAt));
  return { queue, waiting, prioritized, delayed, active, ageMs };
}
