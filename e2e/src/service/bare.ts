import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

/** A WebSocket server that knows nothing of Reveille: takes what it is given, writes it down, and never answers. */
const told = process.argv[2];
const server = createServer((_, response) => response.end('ok'));
new WebSocketServer({ server, handleProtocols: () => false }).on('connection', (socket) =>
  socket.on('message', (data) => {
    if (told !== undefined) appendFileSync(told, `${String(data)}\n`);
  }),
);
server.listen(Number(process.env['PORT']), '127.0.0.1');
