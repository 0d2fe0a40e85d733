import { isDeepStrictEqual } from 'node:util';
import type { Kysely, Selectable } from 'kysely';
import type { Database } from '../database/tables.ts';
import type { Owner } from './owner.ts';
import { lockThread, ownThread, takePosition } from './thread-records.ts';

export interface NewMessage {
  /** Unique in the thread; the same id again is the same message. */
  id: string;
  role: 'user' | 'assistant' | 'system';
  text: string;
  /** Any JSON; null when there is none. */
  data: unknown;
}

export interface Message extends NewMessage {
  /** Rises within the thread; gaps are possible. */
  position: number;
  createdAt: Date;
}

export type Appended =
  | { outcome: 'appended' | 'known'; message: Message }
  | { outcome: 'no_thread' }
  /** The id stands for a message that says something else. */
  | { outcome: 'id_reused' };

/** Adds a message once: the same message again changes nothing and is answered with what was stored. */
export function appendMessage(
  db: Kysely<Database>,
  owner: Owner,
  session: string,
  message: NewMessage,
): Promise<Appended> {
  return db.transaction().execute(async (trx) => {
    const thread = await lockThread(trx, owner, session);
    if (thread === undefined) return { outcome: 'no_thread' };
    const known = await trx
      .selectFrom('messages')
      .selectAll()
      .where('thread_id', '=', thread.id)
      .where('message_id', '=', message.id)
      .executeTakeFirst();
    if (known !== undefined) return compare(messageOf(known), message);
    const row = await trx
      .insertInto('messages')
      .values({
        thread_id: thread.id,
        message_id: message.id,
        position: await takePosition(trx, thread),
        role: message.role,
        text: message.text,
        data: message.data === null ? null : JSON.stringify(message.data),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return { outcome: 'appended', message: messageOf(row) };
  });
}

/**
 * Messages of a thread in order: the last `limit` of them, or the last before position `before`. Undefined when this owner has no such thread.
 */
export async function listMessages(
  db: Kysely<Database>,
  owner: Owner,
  session: string,
  page: { limit: number; before?: number },
): Promise<Message[] | undefined> {
  const thread = await ownThread(db, owner, session).select('id').executeTakeFirst();
  if (thread === undefined) return undefined;
  const rows = await db
    .selectFrom('messages')
    .selectAll()
    .where('thread_id', '=', thread.id)
    .$if(page.before !== undefined, (query) => query.where('position', '<', page.before ?? 0))
    .orderBy('position', 'desc')
    .limit(page.limit)
    .execute();
  return rows.reverse().map(messageOf);
}

function compare(known: Message, sent: NewMessage): Appended {
  const same =
    known.role === sent.role && known.text === sent.text && isDeepStrictEqual(known.data, asStored(sent.data));
  return same ? { outcome: 'known', message: known } : { outcome: 'id_reused' };
}

/** As it comes back from the database: without what JSON cannot say. */
function asStored(data: unknown): unknown {
  return data === null ? null : (JSON.parse(JSON.stringify(data)) as unknown);
}

function messageOf(row: Selectable<Database['messages']>): Message {
  return {
    id: row.message_id,
    role: row.role as Message['role'],
    text: row.text,
    data: row.data,
    position: row.position,
    createdAt: row.created_at,
  };
}
