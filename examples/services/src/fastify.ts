/** The service in Fastify. */
import { busyHandler, onShutdown, report, reportReady, serveSessions, serviceEnv } from '@reveille/service-kit';
import fastify from 'fastify';
import { Keywords } from './keywords.ts';

await report({ phase: 'opening', detail: 'reading the stop words' });
const keywords = await Keywords.read();

const app = fastify();
const busy = busyHandler(() => keywords.busy);
app.get('/busy', (request, reply) => {
  // Fastify leaves the answer to whoever hijacks it.
  reply.hijack();
  busy(request.raw, reply.raw);
});
app.get<{ Querystring: { text?: string } }>('/keywords', ({ query }) => keywords.of(query.text ?? ''));

const sessions = serveSessions({
  server: app.server,
  path: '/session',
  onSession: (session) => keywords.serve(session),
});

onShutdown(async () => {
  await sessions[Symbol.asyncDispose]();
  await app.close();
});

await app.listen({ port: serviceEnv().port, host: '127.0.0.1' });
await reportReady();
