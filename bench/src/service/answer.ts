import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { onShutdown, reportReady, serveSessions, serviceEnv } from '@reveille/service-kit';

/**
 * The trivial service that users talk to: gives each message back, or, with a file of frames as its argument, answers each with
 * all of these.
 */
const [path] = process.argv.slice(2);
const frames = path === undefined ? undefined : (JSON.parse(readFileSync(path, 'utf8')) as object[]);
const server = createServer((_, response) => response.end());
const sessions = serveSessions({
  server,
  path: '/session',
  async onSession(session) {
    for await (const { id, data } of session.messages) {
      const answers = frames ?? [data];
      for (const [index, answer] of answers.entries())
        await session.emit(answer as never, { re: id, final: index === answers.length - 1 });
    }
  },
});
server.listen(serviceEnv().port, '127.0.0.1', () => void reportReady());
onShutdown(async () => {
  await sessions[Symbol.asyncDispose]();
  server.close();
});
