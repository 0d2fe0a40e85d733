import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { sleep } from '@reveille/lifecycle';
import { DriverError } from '@reveille/orchestration';
import type { Access } from './access.ts';
import { ApiRefusal, type Ask, isStatus, refusalWords, type Verb } from './api-refusal.ts';
import { type Kind, type KubeObject, resources } from './kube-object.ts';

/** How long an answer may take that does not follow anything, milliseconds. */
const CALL_MS = 30_000;
/** What is read of an answer, bytes: some thousand pods. */
const ANSWER_BYTES = 64 * 1024 * 1024;
/** How often a call is made again that the server was too busy for. */
const BUSY_TRIES = 5;
/** Longest pause that is made because the server asks for it, milliseconds. */
const BUSY_MS = 10_000;
/** A token is read again after this time: the kubelet rotates it, milliseconds. */
const ACCESS_MS = 60_000;

const methods = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
} as const;

export type ApiCall = {
  verb: Verb;
  kind: Kind;
  namespace: string;
  name?: string;
  subresource?: string;
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  signal: AbortSignal;
};

/** It cannot be reached, or did not answer to the end: nothing is known of what was asked. */
class ApiAway extends DriverError {
  constructor(words: string, cause: unknown) {
    super('driver_error', words, { cause });
  }
}

/** Asking again may help: nobody answered, or only what stands before a server that is away. */
export function isAway(error: unknown): boolean {
  return error instanceof ApiAway || isStatus(error, 429, 502, 503, 504);
}

/** The calls of the Kubernetes API (https://kubernetes.io/docs/reference/using-api/api-concepts/) that a driver makes, and no more. */
export class ApiServer {
  readonly #read: () => Promise<Access>;
  readonly #agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };
  #access: { value: Promise<Access>; until: number } | undefined;

  /** @param read where the server is and how to prove oneself; called again when that has become old or is refused. */
  constructor(read: () => Promise<Access>) {
    this.#read = read;
  }

  /** The namespace of the context or of this pod. @throws DriverError, as reading the access does. */
  async namespace(): Promise<string> {
    return (await this.#current()).namespace;
  }

  /** The object of the answer. @throws ApiRefusal, or DriverError when the server cannot be reached. */
  async call(call: ApiCall): Promise<KubeObject> {
    const timeout = AbortSignal.timeout(CALL_MS);
    const signal = AbortSignal.any([call.signal, timeout]);
    try {
      return JSON.parse(await textOf(await this.stream({ ...call, signal }))) as KubeObject;
    } catch (error) {
      call.signal.throwIfAborted();
      if (error instanceof ApiRefusal || error instanceof DriverError) throw error;
      const why = timeout.aborted ? `it did not answer within ${CALL_MS / 1000} s` : (error as Error).message;
      throw new ApiAway(`the API server failed: ${why}`, error);
    }
  }

  /** As `call`, but undefined when there is no such object. */
  async find(call: Omit<ApiCall, 'verb'> & { name: string }): Promise<KubeObject | undefined> {
    try {
      return await this.call({ ...call, verb: 'get' });
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  }

  /** Deletes what may be gone already. */
  async remove(call: Omit<ApiCall, 'verb'> & { name: string }): Promise<void> {
    try {
      await this.call({ ...call, verb: 'delete' });
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  }

  /** The answer as it comes; only the signal bounds it. A busy server is asked again, an expired token is read again. */
  async stream(call: ApiCall): Promise<IncomingMessage> {
    let isFresh = false;
    for (let tried = 1; ; tried++) {
      const answer = await this.#request(call, await this.#current());
      const status = answer.statusCode ?? 0;
      if (status < 400) return answer;
      const refusal = refusalOf(askOf(call), status, await textOf(answer));
      if (status === 401 && !isFresh) {
        isFresh = true;
        this.#access = undefined;
        continue;
      }
      // 429 from priority and fairness; 503 while a server goes. Neither has done anything.
      if ((status !== 429 && status !== 503) || tried >= BUSY_TRIES) throw refusal;
      const askedMs = Number(answer.headers['retry-after'] ?? '1') * 1000;
      await sleep(Math.min(Number.isFinite(askedMs) ? askedMs : 1000, BUSY_MS), call.signal);
    }
  }

  [Symbol.dispose](): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  #current(): Promise<Access> {
    if (this.#access === undefined || performance.now() > this.#access.until) {
      const value = this.#read();
      this.#access = { value, until: performance.now() + ACCESS_MS };
      value.catch(() => (this.#access = undefined));
    }
    return this.#access.value;
  }

  #request(call: ApiCall, access: Access): Promise<IncomingMessage> {
    const payload = call.body === undefined ? undefined : JSON.stringify(call.body);
    const url = new URL(access.server);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}${pathOf(call)}`;
    url.search = new URLSearchParams(call.query).toString();
    const options = {
      method: methods[call.verb],
      headers: {
        Accept: 'application/json',
        ...(access.token === undefined ? {} : { Authorization: `Bearer ${access.token}` }),
        ...(payload === undefined
          ? {}
          : {
              'Content-Type': call.verb === 'patch' ? 'application/merge-patch+json' : 'application/json',
              'Content-Length': Buffer.byteLength(payload),
            }),
      },
      signal: call.signal,
    };
    return new Promise((resolve, reject) => {
      const request =
        url.protocol === 'http:'
          ? http.request(url, { ...options, agent: this.#agents.http })
          : https.request(url, { ...options, ...access.tls, agent: this.#agents.https });
      request.once('response', resolve);
      request.on('error', (error: Error) => {
        const words = `the API server at ${access.server.origin} cannot be reached: ${error.message}`;
        reject(call.signal.aborted ? (call.signal.reason as Error) : new ApiAway(words, error));
      });
      request.end(payload);
    });
  }
}

/** DriverErrors and signals stay as they are; a refusal gets its remedy. */
export function inWords(error: unknown): unknown {
  return error instanceof ApiRefusal ? refusalWords(error) : error;
}

function askOf({ verb, kind, namespace, subresource }: ApiCall): Ask {
  const { group, plural } = resources[kind];
  return { verb, group, namespace, resource: subresource === undefined ? plural : `${plural}/${subresource}` };
}

function pathOf({ kind, namespace, name, subresource }: ApiCall): string {
  const { group, version, plural } = resources[kind];
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const parts = [plural, name, subresource].flatMap((part) => (part === undefined ? [] : [encodeURIComponent(part)]));
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${parts.join('/')}`;
}

function refusalOf(ask: Ask, status: number, text: string): ApiRefusal {
  try {
    const { message, reason } = JSON.parse(text) as { message?: string; reason?: string };
    return new ApiRefusal(ask, status, message ?? `HTTP status ${status}`, reason);
  } catch {
    return new ApiRefusal(ask, status, text.slice(0, 500) || `HTTP status ${status}`);
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES) throw new Error(`its answer is longer than ${ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
