import { readFile } from 'node:fs/promises';
import { Redis } from 'ioredis';
import type { ShapeOptions } from './shape-options.ts';

/** A plain connection to one server of a shape, as its operator has it. It does not come back when it is lost. */
export async function clientOf(port: number, { password, tls }: ShapeOptions): Promise<Redis> {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    protocol: 2,
    lazyConnect: true,
    retryStrategy: () => null,
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls: { ca: await readFile(tls.ca) } }),
  });
  // What becomes of a server is seen by its commands.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
