import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/** The reference: each SIGUSR2 sends one buffer, prepared once, of as many bytes as the argument says, to every socket. Prints its port. */
const bytes = Number(process.argv[2]);
const server = createServer((_, response) => response.end());
const webSockets = new WebSocketServer({ server, perMessageDeflate: false, handleProtocols: () => false });
let step = 0;
process.on('SIGUSR2', () => {
  const frame = Buffer.from(JSON.stringify({ at: Date.now(), phase: `step ${(step += 1)}` }).padEnd(bytes));
  for (const socket of webSockets.clients) socket.send(frame, { binary: false });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.once('SIGTERM', () => process.exit());
