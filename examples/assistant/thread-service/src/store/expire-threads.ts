import { sql, type Kysely } from 'kysely';
import type { Database } from '../database/tables.ts';

/** Removes up to `most` of the threads that nobody used for so many days, the oldest first, with all that is in them. Returns how many. */
export async function expireThreads(db: Kysely<Database>, afterDays: number, most: number): Promise<number> {
  const expired = db
    .selectFrom('threads')
    .select('id')
    .where('last_used_at', '<', sql<Date>`now() - make_interval(days => ${afterDays})`)
    .orderBy('last_used_at')
    .limit(most)
    // One that is being used at this moment stays.
    .forUpdate()
    .skipLocked();
  const { numDeletedRows } = await db.deleteFrom('threads').where('id', 'in', expired).executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}
