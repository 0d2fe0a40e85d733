import type { Logger } from '@reveille/telemetry';
import express, { type Express, type Request } from 'express';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../database/tables.ts';
import { appendMessage, listMessages } from '../store/message-records.ts';
import type { Owner } from '../store/owner.ts';
import { findTable, listTables, MAX_TABLE_BYTES, storeTable } from '../store/table-records.ts';
import { findThread, openThread } from '../store/thread-records.ts';
import { answerErrors, ApiError, parse, tooLarge } from './api-error.ts';
import { traceRequests } from './trace-requests.ts';
import { hash, messageBody, messagesQuery, ownerHeaders, session, tableBody } from './request-schemas.ts';

/** A table as a JSON string: quotes and line ends become two characters, so twice its size and the rest of the body. */
const MAX_BODY_BYTES = 2 * MAX_TABLE_BYTES + 65_536;

/** The HTTP interface: JSON in and out, the owner of everything in `x-reveille-tenant` and `x-reveille-user`. */
export function createThreadApi(db: Kysely<Database>, log: Logger): Express {
  const app = express();
  app.disable('x-powered-by');
  app.get('/livez', (_request, response) => void response.json({ live: true }));
  app.get('/readyz', async (_request, response) => {
    try {
      await sql`select count(*) from threads where false`.execute(db);
      response.json({ ready: true });
    } catch (error) {
      log.warn({ err: error }, 'the database does not answer');
      response.status(503).json({ ready: false, reason: 'The database does not answer.' });
    }
  });
  app.use(traceRequests);
  app.use(express.json({ limit: MAX_BODY_BYTES }));

  app.put('/threads/:session', async (request, response) => {
    const { thread, created } = await openThread(db, ownerOf(request), sessionOf(request));
    response.status(created ? 201 : 200).json({ thread, created });
  });
  app.get('/threads/:session', async (request, response) => {
    const thread = await findThread(db, ownerOf(request), sessionOf(request));
    response.json({ thread: thread ?? noThread() });
  });

  app.post('/threads/:session/messages', async (request, response) => {
    const appended = await appendMessage(
      db,
      ownerOf(request),
      sessionOf(request),
      parse(messageBody, request.body, 'message'),
    );
    switch (appended.outcome) {
      case 'appended':
      case 'known':
        response.status(appended.outcome === 'appended' ? 201 : 200);
        response.json({ message: appended.message, created: appended.outcome === 'appended' });
        return;
      case 'id_reused':
        throw new ApiError(
          409,
          'message_id_reused',
          'This thread has another message with that id. Give each message its own.',
        );
      case 'no_thread':
        noThread();
    }
  });
  app.get('/threads/:session/messages', async (request, response) => {
    const { limit, before } = parse(messagesQuery, request.query, 'query');
    const page = { limit, ...(before === undefined ? {} : { before }) };
    const messages = await listMessages(db, ownerOf(request), sessionOf(request), page);
    response.json({ messages: messages ?? noThread() });
  });

  app.post('/threads/:session/tables', async (request, response) => {
    const table = parse(tableBody, request.body, 'table');
    if (Buffer.byteLength(table.content, 'utf8') > MAX_TABLE_BYTES) throw tooLarge();
    const stored = await storeTable(db, ownerOf(request), sessionOf(request), table);
    if (stored.outcome === 'no_thread') return noThread();
    response.status(stored.outcome === 'stored' ? 201 : 200);
    response.json({ table: stored.table, created: stored.outcome === 'stored' });
  });
  app.get('/threads/:session/tables', async (request, response) => {
    response.json({ tables: await listTables(db, ownerOf(request), sessionOf(request)) });
  });
  app.get('/threads/:session/tables/:hash', async (request, response) => {
    const which = request.params.hash === 'latest' ? undefined : parse(hash, request.params.hash, 'hash');
    const table = await findTable(db, ownerOf(request), sessionOf(request), which);
    if (table === undefined)
      throw new ApiError(404, 'table_not_found', 'This thread has no such table. Send it first.');
    response.json({ table });
  });

  app.use(() => {
    throw new ApiError(404, 'not_found', 'There is nothing at this path. Threads are at /threads/{session}.');
  });
  app.use(answerErrors(log));
  return app;
}

function ownerOf(request: Request): Owner {
  const headers = parse(ownerHeaders, request.headers, 'owner of the thread');
  return { tenant: headers['x-reveille-tenant'], user: headers['x-reveille-user'] };
}

function sessionOf(request: Request<{ session: string }>): string {
  return parse(session, request.params.session, 'session');
}

function noThread(): never {
  throw new ApiError(404, 'thread_not_found', 'This user has no such thread. Begin it with PUT /threads/{session}.');
}
