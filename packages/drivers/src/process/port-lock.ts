import net from 'node:net';
import process from 'node:process';

/** Ports that runs of this process have, or are about to have. Shared by all drivers in the process. */
const heldHere = new Set<number>();

/** Given back by disposing. */
export type PortLock = AsyncDisposable & { readonly port: number };

/**
 * Takes a port for a run, before its service listens there: undefined if another run has it. On Linux the lock holds
 * across the processes of a host: a socket in the abstract namespace, which is as wide as the network namespace that the
 * port is in, and vanishes with its process. Elsewhere it holds within this process.
 */
export async function lockPort(
  port: number,
  { acrossHost = process.platform === 'linux' } = {},
): Promise<PortLock | undefined> {
  if (heldHere.has(port)) return undefined;
  heldHere.add(port);
  const socket = acrossHost ? await listen(`\0reveille-port-${port}`) : undefined;
  if (socket === 'taken') {
    heldHere.delete(port);
    return undefined;
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      if (socket !== undefined) await new Promise<void>((resolve) => socket.close(() => resolve()));
      heldHere.delete(port);
    },
  };
}

function listen(path: string): Promise<net.Server | 'taken'> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((stranger) => stranger.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve('taken') : reject(error),
    );
    server.listen({ path }, () => resolve(server.unref()));
  });
}
