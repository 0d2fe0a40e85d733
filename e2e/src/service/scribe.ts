import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { upstreamSubprotocol } from '@reveille/contracts';
import { report, serviceEnv } from '@reveille/service-kit';
import { WebSocketServer } from 'ws';

/** Speaks `reveille.upstream.v1` by hand and writes down all that is said on it, with the headers of each handshake. Argument: the file. */
const [, , file = ''] = process.argv;
const note = (of: object): void => appendFileSync(file, `${JSON.stringify(of)}\n`);
const { port, generation } = serviceEnv();
/** More than the buffers of the system hold. */
const muchBytes = 14_000_000;
/** By session: the number of its last emit. */
const emitted = new Map<string, number>();

await report({ phase: 'sharpening the pencil', detail: 'both ends', percent: 50 });
const server = createServer((_, response) => response.end('ok'));
const sockets = new WebSocketServer({ server, path: '/session', handleProtocols: () => upstreamSubprotocol });
sockets.on('connection', (socket, { headers }) => {
  const session = String(headers['x-reveille-session']);
  note({ generation, headers });
  const say = (event: object): void => {
    note({ event });
    socket.send(JSON.stringify(event));
  };
  const emit = (id: string, data: unknown): void => {
    const n = (emitted.get(session) ?? Number(headers['x-reveille-stored'] ?? 0)) + 1;
    emitted.set(session, n);
    say({ type: 'emit', n, re: id, final: true, data });
  };
  socket.on('message', (text) => {
    const command = JSON.parse(String(text)) as { type: string; id: string; data: unknown };
    note({ command });
    if (command.type !== 'deliver') return;
    say({ type: 'taken', id: command.id });
    if (command.data === 'die') setTimeout(() => process.exit(1), 100);
    else emit(command.id, command.data === 'much' ? 'x'.repeat(muchBytes) : command.data);
  });
});
server.listen(port, '127.0.0.1');
