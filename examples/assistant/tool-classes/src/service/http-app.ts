import { localhostHostValidation } from '@modelcontextprotocol/sdk/server/middleware/hostHeaderValidation.js';
import type { Logger } from '@reveille/telemetry';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { SessionPool } from './session-pool.ts';

/** `/mcp` for agents, `/livez` and `/readyz` for probes. On loopback only requests to this machine by name are served (DNS rebinding). */
export function createApp(sessions: SessionPool, log: Logger): Express {
  const app = express();
  app.disable('x-powered-by');
  // With another `HOST` the callers are other machines, which know this one by an address of their own.
  if (!process.env['HOST']) app.use(localhostHostValidation());
  app.get('/livez', (_request, response) => void response.json({ live: true }));
  // The app listens only after every tool is registered, so answering is being ready.
  app.get('/readyz', (_request, response) => void response.json({ ready: true }));
  app.all('/mcp', (request, response) => sessions.handle(request, response));
  app.use(
    (_request, response) => void response.status(404).json({ error: { code: 'not_found', message: 'Try /mcp.' } }),
  );
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    log.error({ err: error }, 'a request failed');
    if (response.headersSent) return next(error);
    response.status(500).json({ jsonrpc: '2.0', error: { code: -32603, message: 'Internal error' }, id: null });
  });
  return app;
}
