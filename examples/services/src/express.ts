/** The service in Express: the same application answers requests of its own beside the sessions. */
import { createServer } from 'node:http';
import { busyHandler, onShutdown, report, reportReady, serveSessions, serviceEnv } from '@reveille/service-kit';
import express from 'express';
import { Keywords } from './keywords.ts';

await report({ phase: 'opening', detail: 'reading the stop words' });
const keywords = await Keywords.read();

const app = express();
app.get(
  '/busy',
  busyHandler(() => keywords.busy),
);
app.get('/keywords', ({ query }, response) => void response.json(keywords.of(String(query['text'] ?? ''))));

// Express makes a server of its own in app.listen(): here it gets one that sessions can be served on, too.
const server = createServer(app);
const sessions = serveSessions({ server, path: '/session', onSession: (session) => keywords.serve(session) });

onShutdown(async () => {
  await sessions[Symbol.asyncDispose]();
  server.close();
});

server.listen(serviceEnv().port, '127.0.0.1', () => void reportReady());
