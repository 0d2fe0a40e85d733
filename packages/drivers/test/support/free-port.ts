import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

/** A port that nothing listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  await once(server.listen(0), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Listens there, if nobody else does. */
export async function stranger(
  port: number,
  host = '127.0.0.1',
): Promise<(AsyncDisposable & { port: number }) | undefined> {
  const server = net.createServer();
  const listening = await once(server.listen(port, host), 'listening').then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
      return false;
    },
  );
  if (!listening) return undefined;
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
