import net from 'node:net';

/**
 * Binds a name in Linux's abstract namespace (unix(7)), where each is held by one process of the network namespace at most and is
 * free again when that process ends, however. `taken` when another holds it.
 */
export function bindName(name: string): Promise<AsyncDisposable | 'taken'> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((stranger) => stranger.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve('taken') : reject(error),
    );
    server.listen({ path: `\0${name}` }, () => {
      server.unref();
      resolve({ [Symbol.asyncDispose]: () => new Promise<void>((closed) => server.close(() => closed())) });
    });
  });
}
