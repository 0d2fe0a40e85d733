import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Order {
  tenant: string;
  user: string;
  session: string;
  message: { id: string; text: string; files?: unknown; prices?: unknown };
}

interface ScriptedRun {
  order: Order;
  traceparent: string | undefined;
  events: object[];
  readers: Set<ServerResponse>;
}

/** The supervisor's side of its interface, saying what the test tells it to say. A run is named `run-` and the id of its message. */
export class ScriptedSupervisor implements AsyncDisposable {
  readonly #server: Server;
  readonly #runs = new Map<string, ScriptedRun>();
  readonly #waiting: (() => void)[] = [];
  readonly cancelled: string[] = [];
  ready = true;
  /** What the next message is refused with. */
  refusal: { status: number; error: { code: string; message: string; advice: string } } | undefined;
  follows = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.#answer(request, response));
  }

  static async start(): Promise<ScriptedSupervisor> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ScriptedSupervisor(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get orders(): Order[] {
    return [...this.#runs.values()].map(({ order }) => order);
  }

  /** Resolves when the message has become a run. */
  async started(message: string): Promise<ScriptedRun> {
    for (;;) {
      const run = this.#runs.get(`run-${message}`);
      if (run !== undefined) return run;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The run of this message says something; `n` is counted here. */
  async say(message: string, event: { type: string; [field: string]: unknown }): Promise<void> {
    const run = await this.started(message);
    run.events.push({ run: `run-${message}`, n: run.events.length + 1, at: Date.now(), agent: 'triage', ...event });
    for (const reader of run.readers) reader.write(`${JSON.stringify(run.events.at(-1))}\n`);
  }

  /** Every stream breaks in the middle; the runs go on. */
  breakStreams(): void {
    for (const { readers } of this.#runs.values()) for (const reader of readers) reader.destroy();
  }

  /** As after a restart: it is there and knows no run. */
  forget(): void {
    const runs = [...this.#runs.values()];
    this.#runs.clear();
    for (const { readers } of runs) for (const reader of readers) reader.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const [, , id = '', action] = url.pathname.split('/');
    if (url.pathname === '/readyz') return void response.writeHead(this.ready ? 200 : 503).end();
    if (url.pathname === '/runs') {
      const order = JSON.parse(await text(request)) as Order;
      const { refusal } = this;
      this.refusal = undefined;
      if (refusal !== undefined)
        return void response.writeHead(refusal.status).end(JSON.stringify({ error: refusal.error }));
      const traceparent = request.headers['traceparent'] as string | undefined;
      const run = { order, traceparent, events: [], readers: new Set<ServerResponse>() };
      this.#runs.set(`run-${order.message.id}`, run);
      this.#stream(run, `run-${order.message.id}`, response, 0);
      for (const wake of this.#waiting.splice(0)) wake();
      return;
    }
    const run = this.#runs.get(id);
    if (run === undefined) return void response.writeHead(404).end('{}');
    if (action === 'cancel') {
      this.cancelled.push(id);
      return void response.writeHead(202).end('{}');
    }
    this.follows += 1;
    this.#stream(run, id, response, Number(url.searchParams.get('after')));
  }

  #stream(run: ScriptedRun, id: string, response: ServerResponse, after: number): void {
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'x-run-id': id });
    response.flushHeaders();
    for (const event of run.events.slice(after)) response.write(`${JSON.stringify(event)}\n`);
    run.readers.add(response);
    response.once('close', () => run.readers.delete(response));
  }
}
