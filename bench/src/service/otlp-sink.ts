import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A collector that takes everything (OTLP over HTTP) and keeps nothing. Prints its address, then the bytes it was given so far, each second. */
let taken = 0;

const server = createServer((request, response) => {
  request.on('data', (chunk: Buffer) => (taken += chunk.length));
  // An empty body is the "all was accepted" of both encodings.
  request.on('end', () => response.writeHead(200, { 'content-type': request.headers['content-type'] }).end());
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
setInterval(() => console.log(String(taken)), 1000);
process.once('SIGTERM', () => process.exit());
