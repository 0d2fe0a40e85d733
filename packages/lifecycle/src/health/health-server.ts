import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Health } from './health.ts';

/** The text of a metrics page. */
export interface MetricsPage {
  readonly contentType: string;
  readonly body: string;
}

export interface HealthHandlerOptions {
  readonly health: Health;
  /** Absent: `/metrics` is 404. A failure is answered with 500 and its message. */
  readonly metrics?: () => Promise<MetricsPage>;
}

/**
 * Answers `/livez`, `/readyz` and `/metrics` (GET and HEAD) and returns true; leaves every other request alone and returns
 * false. For use on an http server of one's own.
 *
 * `/livez` is 200 as long as the event loop turns. `/readyz` is 200 or 503 with `{status, failing: [{name, reason}]}`.
 */
export function healthHandler(
  options: HealthHandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const path = request.url?.split('?', 1)[0];
    if (path !== '/livez' && path !== '/readyz' && path !== '/metrics') return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      sendJson(response, 405, { status: 'method not allowed' });
    } else if (path === '/livez') {
      sendJson(response, 200, { status: 'alive' });
    } else if (path === '/readyz') {
      const report = options.health.report();
      sendJson(response, report.status === 'ready' ? 200 : 503, report);
    } else {
      void sendMetrics(response, options.metrics);
    }
    return true;
  };
}

async function sendMetrics(response: ServerResponse, metrics: HealthHandlerOptions['metrics']): Promise<void> {
  if (metrics === undefined) {
    sendJson(response, 404, { status: 'no metrics here' });
    return;
  }
  try {
    const page = await metrics();
    send(response, 200, page.contentType, page.body);
  } catch (error) {
    sendJson(response, 500, {
      status: 'metrics failed',
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  send(response, status, 'application/json', `${JSON.stringify(body)}\n`);
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  // Probes must see the moment, never a copy kept by something in between.
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' });
  response.end(body);
}

export interface HealthServerOptions extends HealthHandlerOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** Default: all interfaces, since probes come from outside. */
  readonly host?: string;
}

/** A listening health server; `port` is the one that it really has. */
export interface HealthServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * Listens for probes. Add it to a scope first, so that it is closed last and says "draining" meanwhile.
 * @throws the error of listening, such as a port that is taken.
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const handle = healthHandler(options);
  const server = createServer((request, response) => {
    if (!handle(request, response)) sendJson(response, 404, { status: 'not found' });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: options.port, ...(options.host === undefined ? {} : { host: options.host }) }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      await new Promise<void>((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      });
    },
  };
}
