import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';

/**
 * The reference: one of several Socket.IO servers that hear of one another by the Redis streams adapter, as its documentation has it. Each
 * SIGUSR2 emits an event of as many bytes as the argument says to the sockets of all of them. REDIS_PORT. Prints its port.
 */
const bytes = Number(process.argv[2]);
// The adapter reads answers as the second version of Redis' protocol has them.
const redis = new Redis(Number(process.env['REDIS_PORT']), '127.0.0.1', { protocol: 2, maxRetriesPerRequest: null });
const server = createServer((_, response) => response.end());
// No pings while it is measured: they would count against it.
const options = { transports: ['websocket'], serveClient: false, pingInterval: 600_000 } as const;
const io = new Server(server, { ...options, transports: [...options.transports], adapter: createAdapter(redis) });
/** What surrounds the text in the frame: `42["phase",{"at":…,"phase":"step 1","text":""}]`. */
const envelopeBytes = 60;
const text = '.'.repeat(Math.max(0, bytes - envelopeBytes));
let step = 0;
process.on('SIGUSR2', () => io.emit('phase', { at: Date.now(), phase: `step ${(step += 1)}`, text }));
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.once('SIGTERM', () => process.exit());
