import { createServer } from 'node:http';
import { onShutdown, report, reportReady, serviceEnv } from '@reveille/service-kit';

/** Something that others need: answers HTTP, and reports what it is doing while it starts. */
const { port } = serviceEnv();
await report({ phase: 'opening', detail: 'opening the store', percent: 50 });
const server = createServer((_, response) => response.end('store'));
server.listen(port, '127.0.0.1', () => void reportReady());
onShutdown(() => void server.close());
