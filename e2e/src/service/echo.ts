import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { startTelemetry, withSpan } from '@reveille/telemetry';
import { onShutdown, serveSessions, serviceEnv } from '@reveille/service-kit';

/** Answers each message with what was said and who it is, and keeps the hash of each answer, so that a checker can tell it from any other. */
const { port, generation, deps } = serviceEnv();
const said = process.argv[2];
const telemetry = await startTelemetry({ service: 'echo' });
const server = createServer((_, response) => response.end('ok'));
const sessions = serveSessions({
  server,
  path: '/session',
  async onSession(session) {
    const parent = session.traceparent;
    await withSpan('take session', parent === undefined ? {} : { parent }, () => undefined);
    for await (const { id, data } of session.messages) {
      const answer = {
        type: 'echo',
        data,
        user: session.user,
        tenant: session.tenant ?? null,
        generation: generation ?? 0,
        pid: process.pid,
      };
      const text = JSON.stringify({ ...answer, store: await (await fetch(deps['store'] ?? '')).text() });
      if (said) appendFileSync(said, `${createHash('sha256').update(text).digest('hex')}\n`);
      await session.emit(JSON.parse(text), { re: id, final: true });
    }
  },
});
server.listen(port, '127.0.0.1');
onShutdown(async () => {
  await sessions[Symbol.asyncDispose]();
  server.close();
  await telemetry[Symbol.asyncDispose]();
});
