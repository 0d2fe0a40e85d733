import { createHash } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import type { Database } from '../database/tables.ts';
import type { Owner } from './owner.ts';
import { lockThread, ownThread, takePosition } from './thread-records.ts';

/** Largest table that is stored, in UTF-8 bytes. */
export const MAX_TABLE_BYTES = 10 * 1024 * 1024;

export interface NewTable {
  name: string;
  /** Media type, as the user's file had it. */
  type: string;
  content: string;
}

export interface TableSummary {
  /** SHA-256 of the content, hex: its name within the thread. */
  hash: string;
  name: string;
  type: string;
  bytes: number;
  createdAt: Date;
}

export interface StoredTable extends TableSummary {
  content: string;
}

export type Stored = { outcome: 'stored' | 'known'; table: TableSummary } | { outcome: 'no_thread' };

/** Stores a table once per thread. The same content again is the same table, under its newest name, and counts as the latest. */
export function storeTable(db: Kysely<Database>, owner: Owner, session: string, table: NewTable): Promise<Stored> {
  const hash = createHash('sha256').update(table.content, 'utf8').digest('hex');
  const { name, type } = table;
  return db.transaction().execute(async (trx) => {
    const thread = await lockThread(trx, owner, session);
    if (thread === undefined) return { outcome: 'no_thread' };
    const position = await takePosition(trx, thread);
    const known = await trx
      .updateTable('uploaded_tables')
      .set({ position, name, type })
      .where('thread_id', '=', thread.id)
      .where('hash', '=', hash)
      .returning(['hash', 'name', 'type', 'bytes', 'created_at'])
      .executeTakeFirst();
    if (known !== undefined) return { outcome: 'known', table: summaryOf(known) };
    const bytes = Buffer.byteLength(table.content, 'utf8');
    const row = await trx
      .insertInto('uploaded_tables')
      .values({ thread_id: thread.id, hash, name, type, bytes, content: table.content, position })
      .returning(['hash', 'name', 'type', 'bytes', 'created_at'])
      .executeTakeFirstOrThrow();
    return { outcome: 'stored', table: summaryOf(row) };
  });
}

/** The table with this hash, or the one sent last when there is none given. Undefined when this owner has no such table. */
export async function findTable(
  db: Kysely<Database>,
  owner: Owner,
  session: string,
  hash?: string,
): Promise<StoredTable | undefined> {
  const row = await ownTables(db, owner, session)
    .select(['hash', 'name', 'type', 'bytes', 'content', 'uploaded_tables.created_at'])
    .$if(hash !== undefined, (query) => query.where('hash', '=', hash ?? ''))
    .limit(1)
    .executeTakeFirst();
  return row && { ...summaryOf(row), content: row.content };
}

/** Most tables that `listTables` names. */
const TABLES_LISTED = 100;

/** The tables of a thread without their content, the one sent last first. */
export async function listTables(db: Kysely<Database>, owner: Owner, session: string): Promise<TableSummary[]> {
  const rows = await ownTables(db, owner, session)
    .select(['hash', 'name', 'type', 'bytes', 'uploaded_tables.created_at'])
    .limit(TABLES_LISTED)
    .execute();
  return rows.map(summaryOf);
}

function ownTables(db: Kysely<Database>, owner: Owner, session: string) {
  return ownThread(db, owner, session)
    .innerJoin('uploaded_tables', 'uploaded_tables.thread_id', 'threads.id')
    .orderBy('uploaded_tables.position', 'desc');
}

type SummaryRow = Pick<Selectable<Database['uploaded_tables']>, 'hash' | 'name' | 'type' | 'bytes' | 'created_at'>;

function summaryOf(row: SummaryRow): TableSummary {
  return { hash: row.hash, name: row.name, type: row.type, bytes: row.bytes, createdAt: row.created_at };
}
