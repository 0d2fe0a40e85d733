/**
 * Loaded before a deployable: at SIGUSR2 its network loses the ports of `TEST_UNREACHABLE_PORTS` (numbers, with commas between), what stands included,
 * and at the next SIGUSR2 it has them again. Everything else stays reachable, as on one side of a partition.
 */
import { Socket } from 'node:net';

const ports = new Set((process.env['TEST_UNREACHABLE_PORTS'] ?? '').split(',').map(Number));
const standing = new Set<Socket>();
let isCut = false;

const connect = Socket.prototype.connect as (...args: unknown[]) => Socket;
Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
  const port = args
    .flat()
    .flatMap((one) => (typeof one === 'number' ? one : ((Object(one) as { port?: number }).port ?? [])));
  if (!ports.has(Number(port[0]))) return connect.apply(this, args);
  if (isCut) {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    process.nextTick(() => this.destroy(refused));
    return this;
  }
  standing.add(this);
  this.once('close', () => standing.delete(this));
  return connect.apply(this, args);
} as typeof Socket.prototype.connect;

process.on('SIGUSR2', () => {
  isCut = !isCut;
  if (isCut) for (const socket of standing) socket.destroy();
});
