import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** Written by the clock of the database. */
type Stamped = ColumnType<Date, never, never>;

interface Threads {
  id: GeneratedAlways<string>;
  tenant: string;
  user_id: string;
  session: string;
  /** Position last given to a message or table of the thread; rises by one with each. */
  last_position: Generated<number>;
  created_at: Stamped;
  /** When it was opened or something was added to it, by the clock of the database. */
  last_used_at: Generated<Date>;
}

interface Messages {
  thread_id: string;
  message_id: string;
  position: number;
  role: string;
  text: string;
  /** Written as JSON text, read as what it says. */
  data: ColumnType<unknown, string | null, never>;
  created_at: Stamped;
}

interface UploadedTables {
  thread_id: string;
  /** SHA-256 of the content, hex. */
  hash: string;
  name: string;
  type: string;
  bytes: number;
  content: string;
  /** Of the last time that it was sent: the highest is the latest table of the thread. */
  position: number;
  created_at: Stamped;
}

export interface Database {
  threads: Threads;
  messages: Messages;
  uploaded_tables: UploadedTables;
}
