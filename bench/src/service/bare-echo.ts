import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/** The reference: a WebSocket server that gives each message back and does nothing else. Prints its port. */
const server = createServer((_, response) => response.end());
// Without this, ws would choose the first subprotocol that is offered, whether it speaks it or not.
const webSockets = new WebSocketServer({ server, perMessageDeflate: false, handleProtocols: () => false });
webSockets.on('connection', (socket) =>
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
);
server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.once('SIGTERM', () => process.exit());
