import { existsSync, readFileSync, watch } from 'node:fs';
import { createServer } from 'node:http';
import { dirname } from 'node:path';
import { onShutdown, report, reportReady, serviceEnv } from '@reveille/service-kit';

/** A service whose start waits for a file: `ready` in it lets it go on, anything else is why it fails. */
const { port } = serviceEnv();
const gate = process.argv[2] ?? '';
await report({ phase: 'loading_index', detail: 'loading the index', percent: 40 });

const word = await new Promise<string>((resolve) => {
  const look = (): void => {
    if (!existsSync(gate)) return;
    watcher.close();
    resolve(readFileSync(gate, 'utf8'));
  };
  const watcher = watch(dirname(gate), look);
  onShutdown(() => watcher.close());
  look();
});
if (word !== 'ready') {
  console.error(word);
  process.exit(3);
}
const server = createServer((_, response) => response.end('ready'));
server.listen(port, '127.0.0.1', () => void reportReady());
onShutdown(() => void server.close());
