import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Scope } from '@reveille/lifecycle';
import { operatorPrefix } from '@reveille/orchestration';
import type { Logger, Metrics } from '@reveille/telemetry';
import { Holds } from './act/holds.ts';
import type { OperatorParts } from './act/operator-parts.ts';
import { auditTo } from './audit.ts';
import { adminApp } from './http/app.ts';
import { adminRoutes } from './routes.ts';

export type AdminOptions = Omit<OperatorParts, 'holds'> & {
  /** 0 takes a free one. */
  port: number;
  /** Absent: all interfaces. */
  host?: string | undefined;
  token: string;
  logger: Logger;
  metrics: Metrics;
};

export interface Admin extends AsyncDisposable {
  readonly url: string;
}

const requestTimeoutMs = 10_000;

/** Serves the admin API. @throws the error of listening */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const { port, host, token, logger, metrics, broker } = options;
  const scope = new Scope();
  const edge = `${operatorPrefix}${randomBytes(8).toString('hex')}`;
  const holds = scope.use(new Holds({ edge, ledger: broker.ledger, logger }), 'what operators have started');
  const audit = auditTo({ operations: broker.operations, logger, metrics });
  const app = adminApp({ routes: adminRoutes({ ...options, holds }), token, audit, logger });
  const server = createServer({ headersTimeout: requestTimeoutMs, requestTimeout: requestTimeoutMs }, app);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
    });
  } catch (error) {
    await scope.dispose();
    throw error;
  }
  scope.defer(async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    await closed;
  }, 'admin port');
  const name = host === undefined ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  const url = `http://${name}:${(server.address() as AddressInfo).port}`;
  logger.info({ url }, 'the admin API is listening');
  return { url, [Symbol.asyncDispose]: () => scope.dispose() };
}
