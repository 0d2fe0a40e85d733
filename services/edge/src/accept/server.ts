import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { edgeRefusals } from '@reveille/contracts';
import { type Health, healthHandler } from '@reveille/lifecycle';
import express, { type RequestHandler } from 'express';

export type UserServer = { readonly server: Server; readonly port: number; close(): Promise<void> };

/** How long a client may take over the headers of its request. */
const headersTimeoutMs = 10_000;

/**
 * The HTTP side of the user port: the page where it is wanted. Until other entrypoints come, everything else is a WebSocket upgrade and the
 * rest is 404 in JSON.
 * @throws the error of listening, such as a port that is taken
 */
export async function listen(of: {
  host: string | undefined;
  port: number;
  health?: { health: Health; metrics: () => Promise<{ contentType: string; body: string }> };
  page?: RequestHandler | undefined;
}): Promise<UserServer> {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  if (of.health !== undefined) {
    const answer = healthHandler(of.health);
    app.use((request, response, next) => {
      if (!answer(request, response)) next();
    });
  }
  if (of.page !== undefined) app.use(of.page);
  app.use((request, response) => {
    const upgrade = request.path.startsWith('/v1/connect/');
    const { status, error } = upgrade ? edgeRefusals.upgradeExpected : edgeRefusals.notFound;
    response.status(status).set(upgrade ? { upgrade: 'websocket' } : {});
    response.json({ error });
  });
  const server = createServer({ headersTimeout: headersTimeoutMs, requestTimeout: headersTimeoutMs }, app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: of.port, ...(of.host === undefined ? {} : { host: of.host }) }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    server,
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await closed;
    },
  };
}
