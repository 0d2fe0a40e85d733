import net from 'node:net';
import { connectionFailure, type Look, noAnswer, nothingListens, ok } from './look.ts';

/** One connection, closed at once. */
export function lookByTcp(
  where: { host: string; port: number },
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<Look> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = AbortSignal.any([timeout, options.signal]);
  return new Promise((resolve) => {
    const socket = net.connect({ host: where.host, port: where.port, signal });
    socket.once('connect', () => {
      // With nobody listening, a connection to a port of the ephemeral range may by chance meet itself.
      const itself = socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress;
      resolve(itself ? nothingListens() : ok);
      socket.destroy();
    });
    socket.on('error', (error) => resolve(timeout.aborted ? noAnswer(options.timeoutMs) : connectionFailure(error)));
  });
}
