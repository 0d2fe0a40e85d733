import type { RedisClient } from '../redis/open.ts';

/** The one consumer group of all relays. */
export const groupName = 'relays';
/** Entries kept per partition, about: what nobody has read by then is trimmed all the same. */
export const journalLength = 10_000;
/** A consumer that read nothing for so long is gone (ms): a living one reads each second. */
const goneAfterMs = 600_000;

/** Creates streams and groups that are not there. A new group reads its stream from the beginning. */
export async function ensureGroups(client: RedisClient, streams: readonly string[]): Promise<void> {
  await Promise.all(
    streams.map(async (stream) => {
      try {
        await client.xgroup('CREATE', stream, groupName, '0', 'MKSTREAM');
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('BUSYGROUP'))) throw error;
      }
    }),
  );
}

/** The group or its stream was removed (FLUSHALL). */
export function isLostGroup(error: unknown): boolean {
  return error instanceof Error && /^(NOGROUP|UNBLOCKED)/.test(error.message);
}

/** Removes a consumer that leaves, unless entries are still counted as its own. */
export async function leaveGroups(client: RedisClient, streams: readonly string[], consumer: string): Promise<void> {
  await Promise.all(
    streams.map(async (stream) => {
      const known = (await consumersOf(client, stream)).find(({ name }) => name === consumer);
      if (known?.pending === 0) await client.xgroup('DELCONSUMER', stream, groupName, consumer);
    }),
  );
}

/** Removes consumers that are gone and whose entries others have taken over. */
export async function dropIdleConsumers(client: RedisClient, streams: readonly string[]): Promise<void> {
  for (const stream of streams) {
    for (const { name, pending, idle } of await consumersOf(client, stream)) {
      if (pending === 0 && idle > goneAfterMs) await client.xgroup('DELCONSUMER', stream, groupName, name);
    }
  }
}

type Consumer = { name: string; pending: number; idle: number };

async function consumersOf(client: RedisClient, stream: string): Promise<Consumer[]> {
  try {
    const rows = (await client.xinfo('CONSUMERS', stream, groupName)) as (string | number)[][];
    return rows.map((row) => ({
      name: String(valueOf(row, 'name')),
      pending: Number(valueOf(row, 'pending')),
      idle: Number(valueOf(row, 'idle')),
    }));
  } catch (error) {
    if (isLostGroup(error) || (error instanceof Error && error.message.startsWith('ERR no such key'))) return [];
    throw error;
  }
}

function valueOf(row: readonly (string | number)[], name: string): string | number | undefined {
  const at = row.indexOf(name);
  return at === -1 ? undefined : row[at + 1];
}
