import net from 'node:net';

/**
 * Whether a service could listen on this port: the wildcard addresses and each of `hosts` are tried. Some systems allow a
 * wildcard listener beside one on a single address, so each counts on its own. An address that this host does not have,
 * or a port that only root may take, is left for the service to find out.
 */
export async function isPortFree(port: number, hosts: readonly string[]): Promise<boolean> {
  for (const host of new Set([undefined, '0.0.0.0', ...hosts])) {
    if (await isTaken(port, host)) return false;
  }
  return true;
}

function isTaken(port: number, host: string | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE'));
    server.listen({ port, exclusive: true, ...(host === undefined ? {} : { host }) }, () =>
      server.close(() => resolve(false)),
    );
  });
}
