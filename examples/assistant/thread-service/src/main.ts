import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onShutdown, report, reportReady, serviceEnv } from '@reveille/service-kit';
import { createLogger, parentContextFromEnv, startTelemetry, withSpan } from '@reveille/telemetry';
import { createThreadApi } from './api/thread-api.ts';
import { DatabaseFailure } from './database/database-failure.ts';
import { migrate } from './database/migrate.ts';
import { openDatabase, type DatabaseSettings } from './database/open-database.ts';
import type { OpenDatabase } from './database/opened.ts';
import { keepExpiring } from './store/upkeep.ts';
import { readSettings } from './settings.ts';

const log = createLogger({ name: 'thread_service' });

async function main(): Promise<void> {
  const env = serviceEnv();
  const read = readSettings(process.env);
  if ('faults' in read) {
    console.error(`thread_service: the settings are not right.\n${read.faults}`);
    process.exit(2);
  }
  const parts = new AsyncDisposableStack();
  onShutdown(() => parts.disposeAsync());
  parts.use(await startTelemetry({ service: 'thread_service' }));

  const started = { parent: parentContextFromEnv(process.env) };
  const database = await withSpan('open threads', started, () => openThreads(read.settings.database));
  parts.use(database);

  const server = createServer(createThreadApi(database.db, log));
  // Above what clients keep their connections for: one that is closed here while a request is on its way fails that request.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // In a container, which others reach from outside, `HOST` names another address.
    server.listen(env.port, process.env['HOST'] || '127.0.0.1', resolve);
  });
  parts.defer(async () => {
    // Requests under way are answered; connections that only wait are closed.
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  parts.use(keepExpiring(database, read.settings.expiryDays, log));
  log.info({ port, database: database.kind }, 'listening');
  // An endpoint is told only when nobody chose the port: else Reveille knows it, and by which address others reach it.
  await reportReady(env.port === 0 ? `http://127.0.0.1:${port}` : undefined);
}

/** Opens the database and brings it up to date, and tells both. A database that cannot be brought up to date is closed again. */
async function openThreads(settings: DatabaseSettings): Promise<OpenDatabase> {
  // Progress is not awaited: it must not slow down what it tells of. The kit sends the latest and never rejects.
  const database = await openDatabase(
    settings,
    (detail) => void report({ phase: 'opening database', detail }),
    (error) => log.warn({ err: error }, 'a database connection was lost'),
  );
  try {
    await migrate(database.db, (name, position, total) => {
      const percent = Math.round((100 * (position - 1)) / total);
      void report({ phase: 'applying migrations', detail: `${name} (${position} of ${total})`, percent });
    });
    return database;
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

try {
  await main();
} catch (error) {
  // A failure that we foresaw says what to do; its inside belongs into the log only when nobody foresaw it.
  if (error instanceof DatabaseFailure) console.error(`thread_service: ${error.message}`);
  log.fatal(
    error instanceof DatabaseFailure ? { code: error.code, reason: error.message } : { err: error },
    'thread_service cannot start',
  );
  process.exit(1);
}
