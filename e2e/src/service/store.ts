import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentContextFromEnv, startTelemetry, withSpan } from '@reveille/telemetry';
import { onShutdown, report, reportReady, serviceEnv } from '@reveille/service-kit';

/** Something that others need: answers HTTP, and reports what it is doing while it starts, for as many milliseconds as it is told to take. */
const { port } = serviceEnv();
const telemetry = await startTelemetry({ service: 'store' });
await withSpan('open store', { parent: parentContextFromEnv(process.env) }, async () => {
  await report({ phase: 'opening', detail: 'opening the store', percent: 50 });
  await sleep(Number(process.argv[2] ?? 0));
});
const server = createServer((_, response) => response.end('store'));
server.listen(port, '127.0.0.1', () => void reportReady());
onShutdown(async () => {
  server.close();
  await telemetry[Symbol.asyncDispose]();
});
