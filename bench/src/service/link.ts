import { createServer } from 'node:http';
import { onShutdown, reportReady, serviceEnv } from '@reveille/service-kit';

/** The least that a service can be: it listens, and says so. */
const server = createServer((_, response) => response.end());
server.listen(serviceEnv().port, '127.0.0.1', () => void reportReady());
onShutdown(() => void server.close());
