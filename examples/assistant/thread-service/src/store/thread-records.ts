import { sql, type Kysely, type Selectable, type Transaction } from 'kysely';
import type { Database } from '../database/tables.ts';
import type { Owner } from './owner.ts';

export interface Thread {
  session: string;
  createdAt: Date;
}

/** Finds the thread of this owner, or begins it. Two that begin it at once get the same one. */
export async function openThread(
  db: Kysely<Database>,
  owner: Owner,
  session: string,
): Promise<{ thread: Thread; created: boolean }> {
  const inserted = await db
    .insertInto('threads')
    .values({ tenant: owner.tenant, user_id: owner.user, session })
    .onConflict((conflict) => conflict.columns(['tenant', 'user_id', 'session']).doNothing())
    .returning(['session', 'created_at'])
    .executeTakeFirst();
  if (inserted !== undefined) return { thread: threadOf(inserted), created: true };
  const used = await db
    .updateTable('threads')
    .set({ last_used_at: sql`now()` })
    .where('tenant', '=', owner.tenant)
    .where('user_id', '=', owner.user)
    .where('session', '=', session)
    .returning(['session', 'created_at'])
    .executeTakeFirst();
  // It expired in between.
  return used === undefined ? openThread(db, owner, session) : { thread: threadOf(used), created: false };
}

export async function findThread(db: Kysely<Database>, owner: Owner, session: string): Promise<Thread | undefined> {
  const row = await ownThread(db, owner, session).select(['session', 'created_at']).executeTakeFirst();
  return row && threadOf(row);
}

/** The one way to a thread: by its owner and session together. */
export function ownThread(db: Kysely<Database>, owner: Owner, session: string) {
  return db
    .selectFrom('threads')
    .where('threads.tenant', '=', owner.tenant)
    .where('threads.user_id', '=', owner.user)
    .where('threads.session', '=', session);
}

/** Locks the thread, so that what is added to it gets positions in the order of the commits. Undefined when this owner has no such thread. */
export function lockThread(
  trx: Transaction<Database>,
  owner: Owner,
  session: string,
): Promise<{ id: string; last_position: number } | undefined> {
  return ownThread(trx, owner, session).select(['id', 'last_position']).forUpdate().executeTakeFirst();
}

/** The next position of a locked thread. */
export async function takePosition(
  trx: Transaction<Database>,
  thread: { id: string; last_position: number },
): Promise<number> {
  const position = thread.last_position + 1;
  await trx
    .updateTable('threads')
    .set({ last_position: position, last_used_at: sql`now()` })
    .where('id', '=', thread.id)
    .execute();
  return position;
}

function threadOf(row: Pick<Selectable<Database['threads']>, 'session' | 'created_at'>): Thread {
  return { session: row.session, createdAt: row.created_at };
}
