import type { Keys } from '../key/keys.ts';
import { groupName } from '../journal/group.ts';
import type { RedisClient } from '../redis/open.ts';
import { reconcileQueue, startQueue } from '../wake-up/queues.ts';

export type QueueDepth = { queue: string; waiting: number; active: number; delayed: number; isPaused: boolean };

/** Entries of a partition's journal that no relay has read (`undefined`: this version does not say), and that none has acknowledged. */
export type JournalBacklog = { partition: number; length: number; unread: number | undefined; pending: number };

/** How much waits in a namespace. */
export type NamespaceUse = { queues: QueueDepth[]; journals: JournalBacklog[] };

/** Undefined when nobody uses the namespace. */
export async function namespaceUse(client: RedisClient, keys: Keys): Promise<NamespaceUse | undefined> {
  if ((await client.get(keys.layout())) === null) return undefined;
  const [queues, journals] = await Promise.all([
    Promise.all([reconcileQueue, startQueue].map((queue) => depthOf(client, keys, queue))),
    journalBacklogs(client, keys),
  ]);
  return { queues, journals };
}

export function journalBacklogs(client: RedisClient, keys: Keys): Promise<JournalBacklog[]> {
  const partitions = Array.from({ length: keys.partitions }, (_, partition) => partition);
  return Promise.all(partitions.map((partition) => backlogOf(client, keys, partition)));
}

async function depthOf(client: RedisClient, keys: Keys, queue: string): Promise<QueueDepth> {
  const key = (part: string): string => `${keys.root}:${queue}:${part}`;
  const [waiting, active, delayed, paused] = await Promise.all([
    client.llen(key('wait')),
    client.llen(key('active')),
    client.zcard(key('delayed')),
    client.hget(key('meta'), 'paused'),
  ]);
  return { queue, waiting, active, delayed, isPaused: paused !== null };
}

async function backlogOf(client: RedisClient, keys: Keys, partition: number): Promise<JournalBacklog> {
  const stream = keys.journal(partition);
  const length = await client.xlen(stream);
  const groups = length === 0 ? [] : ((await client.xinfo('GROUPS', stream)) as (string | number | null)[][]);
  const relays = groups.map(fieldsOf).find((fields) => fields.get('name') === groupName);
  // Without a group nobody has ever read.
  if (relays === undefined) return { partition, length, unread: length, pending: 0 };
  const unread = relays.get('lag');
  return {
    partition,
    length,
    unread: unread === undefined || unread === null ? undefined : Number(unread),
    pending: Number(relays.get('pending')),
  };
}

function fieldsOf(row: readonly (string | number | null)[]): Map<unknown, string | number | null | undefined> {
  return new Map(row.flatMap((name, at) => (at % 2 === 0 ? [[name, row[at + 1]]] : [])));
}
