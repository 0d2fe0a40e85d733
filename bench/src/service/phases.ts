import { createServer } from 'node:http';
import { onShutdown, report, serviceEnv } from '@reveille/service-kit';

/** A service that never becomes ready: each SIGUSR2 makes it report one phase more. */
let step = 0;
process.on('SIGUSR2', () => void report({ phase: `step ${(step += 1)}`, percent: step % 100 }));
const server = createServer((_, response) => response.end());
// The first report, by which the harness finds out who it is.
server.listen(serviceEnv().port, '127.0.0.1', () => void report({ phase: 'beginning' }));
onShutdown(async () => void server.close());
