import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** In order of their names. A migration that was released is never changed; what is wrong with it is mended by the next. */
export const MIGRATIONS: Record<string, Migration> = {
  '0001_threads': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('threads')
        .addColumn('id', 'uuid', (column) => column.primaryKey().defaultTo(sql`gen_random_uuid()`))
        .addColumn('tenant', 'text', (column) => column.notNull())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('session', 'text', (column) => column.notNull())
        .addColumn('last_position', 'integer', (column) => column.notNull().defaultTo(0))
        .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
        .addUniqueConstraint('threads_owner_session', ['tenant', 'user_id', 'session'])
        .execute();
    },
  },
  '0002_messages': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('messages')
        .addColumn('thread_id', 'uuid', (column) => column.notNull().references('threads.id').onDelete('cascade'))
        .addColumn('message_id', 'text', (column) => column.notNull())
        .addColumn('position', 'integer', (column) => column.notNull())
        .addColumn('role', 'text', (column) => column.notNull())
        .addColumn('text', 'text', (column) => column.notNull())
        .addColumn('data', 'jsonb')
        .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
        .addPrimaryKeyConstraint('messages_key', ['thread_id', 'message_id'])
        .addUniqueConstraint('messages_position', ['thread_id', 'position'])
        .execute();
    },
  },
  '0003_uploaded_tables': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('uploaded_tables')
        .addColumn('thread_id', 'uuid', (column) => column.notNull().references('threads.id').onDelete('cascade'))
        .addColumn('hash', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('bytes', 'integer', (column) => column.notNull())
        .addColumn('content', 'text', (column) => column.notNull())
        .addColumn('position', 'integer', (column) => column.notNull())
        .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
        .addPrimaryKeyConstraint('uploaded_tables_key', ['thread_id', 'hash'])
        .addUniqueConstraint('uploaded_tables_position', ['thread_id', 'position'])
        .execute();
    },
  },
  '0004_last_used': {
    async up(db: Kysely<unknown>): Promise<void> {
      // Nobody knows when the threads that are there were used: they count as used now.
      await db.schema
        .alterTable('threads')
        .addColumn('last_used_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
        .execute();
      await db.schema.createIndex('threads_last_used').on('threads').column('last_used_at').execute();
    },
  },
};
