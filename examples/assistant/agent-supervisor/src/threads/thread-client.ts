import { currentTraceparent } from '@reveille/telemetry';
import { z } from 'zod';
import { RunFailure } from '../runs/run-failure.ts';
import { ownerHeaders } from './owner-headers.ts';

const REQUEST_TIMEOUT_MS = 30_000;
const MESSAGES_LOOKED_AT = 100;

const tableSummary = z.object({ hash: z.string(), name: z.string(), type: z.string(), bytes: z.number() });
const storedTable = tableSummary.extend({ content: z.string() });
export type TableSummary = z.infer<typeof tableSummary>;
export type StoredTable = z.infer<typeof storedTable>;

const apiError = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
type Answer = { ok: true; body: unknown } | { ok: false; status: number; code: string; message: string };

export interface ThreadOwner {
  tenant: string;
  user: string;
  session: string;
}

/** Asks the thread service something that only its database can answer. @throws RunFailure `threads_unavailable` */
export async function checkThreads(baseUrl: string, signal: AbortSignal): Promise<void> {
  const answer = await ask(new URL('/readyz', baseUrl), { method: 'GET' }, signal);
  if (!answer.ok) throw unavailable(new Error(`${answer.status} ${answer.message}`));
}

/** The conversation of one user in one session, kept by the thread service. */
export class ThreadClient {
  readonly #base: string;
  readonly #headers: Record<string, string>;
  readonly #signal: AbortSignal;

  constructor(baseUrl: string, owner: ThreadOwner, signal: AbortSignal) {
    this.#base = new URL(`/threads/${encodeURIComponent(owner.session)}`, baseUrl).href;
    this.#headers = ownerHeaders(owner);
    this.#signal = signal;
  }

  /** Finds the thread or begins it. */
  async open(): Promise<void> {
    await this.#need('PUT', '');
  }

  /** Adds a message once; the same message again changes nothing. */
  async addMessage(message: { id: string; role: 'user' | 'assistant'; text: string; data?: unknown }): Promise<void> {
    await this.#need('POST', '/messages', message);
  }

  /** The last messages of this thread, in their order. */
  async latestMessages(): Promise<{ data: unknown }[]> {
    const body = await this.#need('GET', `/messages?limit=${MESSAGES_LOOKED_AT}`);
    return z.object({ messages: z.array(z.object({ data: z.unknown() })) }).parse(body).messages;
  }

  async storeTable(table: { name: string; type: string; content: string }): Promise<TableSummary> {
    const body = await this.#need('POST', '/tables', table);
    return z.object({ table: tableSummary }).parse(body).table;
  }

  /** The tables of this thread, the one sent last first. */
  async tables(): Promise<TableSummary[]> {
    return z.object({ tables: z.array(tableSummary) }).parse(await this.#need('GET', '/tables')).tables;
  }

  async table(hash: string): Promise<StoredTable> {
    return z.object({ table: storedTable }).parse(await this.#need('GET', `/tables/${hash}`)).table;
  }

  async #need(method: string, path: string, body?: unknown): Promise<unknown> {
    const headers = { ...this.#headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const payload = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await ask(new URL(this.#base + path), { method, headers, ...payload }, this.#signal);
    if (answer.ok) return answer.body;
    if (answer.status >= 500) throw unavailable(new Error(`${answer.status} ${answer.message}`));
    throw new RunFailure({
      code: answer.code,
      message: answer.message,
      advice: 'Correct the message and send it again under an id of its own.',
    });
  }
}

async function ask(url: URL, init: RequestInit, signal: AbortSignal): Promise<Answer> {
  const traceparent = currentTraceparent();
  const headers = new Headers(init.headers);
  if (traceparent !== undefined) headers.set('traceparent', traceparent);
  try {
    const response = await fetch(url, {
      ...init,
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
    });
    const body: unknown = await response.json();
    if (response.ok) return { ok: true, body };
    const said = apiError.safeParse(body);
    const words = said.success ? said.data.error : { code: 'thread_service_refused', message: 'It did not say why.' };
    return { ok: false, status: response.status, ...words };
  } catch (error) {
    signal.throwIfAborted();
    throw unavailable(error);
  }
}

function unavailable(cause: unknown): RunFailure {
  return new RunFailure(
    {
      code: 'threads_unavailable',
      message: 'The thread service could not be reached, so the conversation and its tables are not available.',
      advice: 'Send the message again in a moment.',
    },
    { cause },
  );
}
