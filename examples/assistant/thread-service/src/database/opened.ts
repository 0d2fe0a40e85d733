import type { Kysely } from 'kysely';
import type { Database } from './tables.ts';

/** A database that has answered; disposal closes it. */
export interface OpenDatabase extends AsyncDisposable {
  db: Kysely<Database>;
  kind: 'embedded' | 'server';
}
