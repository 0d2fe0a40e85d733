/** The service on `node:http`, without any framework. */
import { createServer } from 'node:http';
import { busyHandler, onShutdown, report, reportReady, serveSessions, serviceEnv } from '@reveille/service-kit';
import { Keywords } from './keywords.ts';

await report({ phase: 'opening', detail: 'reading the stop words' });
const keywords = await Keywords.read();

const busy = busyHandler(() => keywords.busy);
const server = createServer((request, response) => {
  if (request.url === '/busy') busy(request, response);
  else response.writeHead(404).end();
});
const sessions = serveSessions({ server, path: '/session', onSession: (session) => keywords.serve(session) });

onShutdown(async () => {
  await sessions[Symbol.asyncDispose]();
  server.close();
});

server.listen(serviceEnv().port, '127.0.0.1', () => void reportReady());
