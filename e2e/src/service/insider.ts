import { createServer } from 'node:http';
import { onShutdown, serveSessions, serviceEnv } from '@reveille/service-kit';

/** Tells each user which roles he has at that moment, as the edge vouches for them. */
const server = createServer((_, response) => response.end('ok'));
const sessions = serveSessions({
  server,
  path: '/session',
  async onSession(session) {
    for await (const { id } of session.messages)
      await session.emit({ user: session.user, roles: [...(session.roles ?? [])] }, { re: id, final: true });
  },
});
server.listen(serviceEnv().port, '127.0.0.1');
onShutdown(async () => {
  await sessions[Symbol.asyncDispose]();
  server.close();
});
