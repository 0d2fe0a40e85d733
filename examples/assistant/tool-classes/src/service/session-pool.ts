import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { MAX_TABLE_BYTES } from '../table/build-table.ts';
import { createMcpServer, type SharedParts } from './mcp-session.ts';

/** Sessions at a time: one per run of an agent. At the bound, new ones are refused with 503. */
const MOST_SESSIONS = 256;
/** A session that nobody used for so long, and that has no open stream, is closed: its run has ended or died. */
const IDLE_MS = 10 * 60_000;
const SWEEP_MS = 30_000;
/** A table as a JSON string: quotes and line ends become two characters, so twice its size and the rest of the request. */
const MAX_BODY_BYTES = 2 * MAX_TABLE_BYTES + 65_536;

interface Session {
  transport: StreamableHTTPServerTransport;
  open: number;
  usedAt: number;
}

/** The MCP sessions of this process over streamable HTTP: opened by `initialize`, ended by DELETE, by idleness or with the process. */
export class SessionPool implements AsyncDisposable {
  readonly #sessions = new Map<string, Session>();
  readonly #parts: SharedParts;
  readonly #sweeper: NodeJS.Timeout;

  constructor(parts: SharedParts) {
    this.#parts = parts;
    this.#sweeper = setInterval(() => void this.closeIdle(performance.now() - IDLE_MS), SWEEP_MS).unref();
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Answers one request to `/mcp`; a request without a session id must be the one that initializes a session. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = request.headers['mcp-session-id'];
    if (typeof id === 'string') {
      const session = this.#sessions.get(id);
      if (session === undefined) return refuse(response, 404, 'Session not found: initialize a new one');
      session.open += 1;
      session.usedAt = performance.now();
      response.once('close', () => {
        session.open -= 1;
        session.usedAt = performance.now();
      });
      return session.transport.handleRequest(request, response);
    }
    if (request.method !== 'POST') return refuse(response, 400, 'The header mcp-session-id is missing');
    if (this.#sessions.size >= MOST_SESSIONS)
      return refuse(response, 503, `${MOST_SESSIONS} sessions are open; try later`);
    await this.#open(request, response);
  }

  async #open(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      maxRequestBodySize: MAX_BODY_BYTES,
      onsessioninitialized: (id) => {
        this.#sessions.set(id, { transport, open: 0, usedAt: performance.now() });
      },
    });
    const server = createMcpServer(this.#parts);
    const endTables = server.onclose;
    server.onclose = () => {
      endTables?.();
      if (transport.sessionId !== undefined) this.#sessions.delete(transport.sessionId);
    };
    server.onerror = (error) => this.#parts.log.warn({ err: error }, 'an MCP session reported an error');
    // The SDK declares the transport's callbacks optional and its interface's not; under exactOptionalPropertyTypes only a cast joins them.
    await server.connect(transport as Parameters<typeof server.connect>[0]);
    await transport.handleRequest(request, response);
    // A first request that was no `initialize` has been answered with what is wrong and leaves no session behind.
    if (transport.sessionId === undefined) await server.close();
  }

  /** Closes sessions without an open response that were last used before `before` (monotonic milliseconds). */
  async closeIdle(before: number): Promise<void> {
    const idle = [...this.#sessions.values()].filter(({ open, usedAt }) => open === 0 && usedAt < before);
    await Promise.all(idle.map(({ transport }) => transport.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweeper);
    await Promise.all([...this.#sessions.values()].map(({ transport }) => transport.close()));
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code: -32000, message }, id: null }));
}
