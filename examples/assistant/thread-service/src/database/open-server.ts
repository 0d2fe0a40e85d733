import { Kysely, PostgresDialect, sql } from 'kysely';
import { Pool } from 'pg';
import { DatabaseFailure } from './database-failure.ts';
import type { OpenDatabase } from './opened.ts';
import type { Database } from './tables.ts';

const CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 15_000;

/**
 * Opens a pool to a PostgreSQL server and asks it one question, so that a wrong address shows now and not with the first user.
 *
 * @throws DatabaseFailure `unreachable`
 */
export async function openServer(
  url: URL,
  onDetail: (detail: string) => void,
  onLost: (error: Error) => void,
): Promise<OpenDatabase> {
  const where = `${url.host}${url.pathname}`;
  onDetail(`connecting to ${where}`);
  const pool = new Pool({
    connectionString: url.href,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
  });
  // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
  pool.on('error', onLost);
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  try {
    await sql`select 1`.execute(db);
  } catch (error) {
    await db.destroy();
    const reason = error instanceof AggregateError ? error.errors.map(String).join('; ') : String(error);
    throw new DatabaseFailure(
      'unreachable',
      `The PostgreSQL server at ${where} does not answer as DATABASE_URL says: ${reason}`,
      {
        cause: error,
      },
    );
  }
  return { db, kind: 'server', [Symbol.asyncDispose]: () => db.destroy() };
}
