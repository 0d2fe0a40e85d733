import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type InstanceKey, instanceKey, serviceReport, type ServiceReport } from '@reveille/contracts';

/** A report is a few words; what is longer is refused. */
const bodyBound = 8192;

type Listener = (report: ServiceReport) => void;

/**
 * Takes the reports of started services: `POST /v1/instances/{instance}/{generation}/report`. Each generation has a token of its
 * own, derived from the root secret, so a service can speak for itself only.
 */
export class Reports implements AsyncDisposable {
  readonly #secret: KeyObject;
  readonly #server: Server;
  readonly #listeners = new Map<string, Listener>();
  #base = '';

  constructor(rootSecret: string) {
    this.#secret = createSecretKey(rootSecret, 'utf8');
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        if (!response.headersSent) send(response, 400, `the report could not be read: ${String(error)}`);
      });
    });
    this.#server.requestTimeout = 10_000;
  }

  /** Listens; `host` is the address that services reach this initializer at. */
  async listen(port: number, host: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const authority = host.includes(':') ? `[${host}]` : host;
    this.#base = `http://${authority}:${(this.#server.address() as AddressInfo).port}`;
  }

  url(instance: InstanceKey, generation: number): string {
    return `${this.#base}/v1/instances/${encodeURIComponent(instance)}/${generation}/report`;
  }

  token(instance: InstanceKey, generation: number): string {
    return createHmac('sha256', this.#secret).update(`report\0${instance}\0${generation}`).digest('base64url');
  }

  /** Hears the reports of one generation until disposed. */
  listenTo(instance: InstanceKey, generation: number, listener: Listener): Disposable {
    const key = `${instance}/${generation}`;
    this.#listeners.set(key, listener);
    return {
      [Symbol.dispose]: () => {
        if (this.#listeners.get(key) === listener) this.#listeners.delete(key);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const match = /^\/v1\/instances\/([^/]+)\/(\d+)\/report$/.exec(request.url ?? '');
    const instance = instanceKey.safeParse(safeDecode(match?.[1] ?? ''));
    if (!match || !instance.success) return send(response, 404, 'there is no such resource');
    if (request.method !== 'POST') return send(response, 405, 'a report is sent with POST');
    const generation = Number(match[2]);
    if (!this.#authorized(request, this.token(instance.data, generation)))
      return send(response, 401, 'the bearer token is not REVEILLE_REPORT_TOKEN of this instance and generation');
    const report = serviceReport.safeParse(JSON.parse(await bodyOf(request)));
    if (!report.success)
      return send(response, 422, 'expected {"phase", "detail"?, "percent"?} or {"ready": true, "endpoint"?}');
    // Nobody may be waiting any more: a probe can notice what is ready before it says so itself. That is no fault of the service.
    const listener = this.#listeners.get(`${instance.data}/${generation}`);
    listener?.(report.data);
    response.writeHead(listener ? 204 : 202).end();
  }

  #authorized(request: IncomingMessage, expected: string): boolean {
    const given = Buffer.from(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
    const wanted = Buffer.from(expected);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not an encoding: then it names nothing either.
    return '';
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBound) throw new Error(`more than ${bodyBound} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify({ error: message })}\n`);
}
