import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { DriverError } from '@reveille/orchestration';
import type { EngineAddress } from './engine-address.ts';

/** How long a call may take whose answer does not depend on a service, milliseconds. */
const CALL_MS = 30_000;
/** What is read of an answer, bytes. */
const ANSWER_BYTES = 4 * 1024 * 1024;

export type EngineCall = {
  method?: 'GET' | 'POST' | 'DELETE';
  path: string;
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  signal: AbortSignal;
  timeoutMs?: number;
};

/** The Engine answered with a status of 400 or more. `message` is its own. */
export class EngineRefusal extends Error {
  override readonly name = 'EngineRefusal';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The Engine API (https://docs.docker.com/reference/api/engine/), without a version in the path: the Engine's newest. */
export class Engine {
  readonly #address: EngineAddress;

  constructor(address: EngineAddress) {
    this.#address = address;
  }

  /** The parsed answer; undefined for an empty one. @throws EngineRefusal, or DriverError when the Engine cannot be reached. */
  async call(call: EngineCall): Promise<unknown> {
    const timeout = AbortSignal.timeout(call.timeoutMs ?? CALL_MS);
    const signal = AbortSignal.any([call.signal, timeout]);
    try {
      const text = await textOf(await this.stream({ ...call, signal }));
      return text === '' ? undefined : (JSON.parse(text) as unknown);
    } catch (error) {
      call.signal.throwIfAborted();
      if (error instanceof EngineRefusal || error instanceof DriverError) throw error;
      const why = timeout.aborted ? `it did not answer within ${(call.timeoutMs ?? CALL_MS) / 1000} s` : wordsOf(error);
      throw new DriverError('driver_error', `the Docker Engine at ${this.#address.words} failed: ${why}`, {
        cause: error,
      });
    }
  }

  /** The answer as it comes; only the signal bounds it. @throws EngineRefusal, or DriverError when the Engine cannot be reached. */
  async stream(call: EngineCall): Promise<IncomingMessage> {
    const answer = await this.#request(call);
    const status = answer.statusCode ?? 0;
    if (status < 400) return answer;
    const text = await textOf(answer);
    throw new EngineRefusal(status, messageOf(text) ?? `HTTP status ${status}`);
  }

  #request({ method = 'GET', path, query, body, signal }: EngineCall): Promise<IncomingMessage> {
    const address = this.#address;
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const options = {
      method,
      path: query === undefined ? path : `${path}?${new URLSearchParams(query)}`,
      headers: {
        // Docker refuses requests without a host, which a socket has not. Over TLS it is what the certificate must be for.
        ...(address.kind === 'socket' ? { Host: 'docker' } : {}),
        ...(payload === undefined
          ? {}
          : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) }),
      },
      agent: false as const,
      signal,
    };
    return new Promise((resolve, reject) => {
      const request =
        address.kind === 'socket'
          ? http.request({ ...options, socketPath: address.socketPath })
          : address.tls === undefined
            ? http.request({ ...options, host: address.host, port: address.port })
            : https.request({ ...options, host: address.host, port: address.port, ...address.tls });
      request.once('response', resolve);
      request.on('error', (error: NodeJS.ErrnoException) => {
        reject(signal.aborted ? (signal.reason as Error) : this.#unreachable(error));
      });
      request.end(payload);
    });
  }

  #unreachable(error: NodeJS.ErrnoException): DriverError {
    const why = noTls(error) ?? unreachableWords[error.code ?? ''] ?? wordsOf(error);
    const words = `the Docker Engine at ${this.#address.words} cannot be reached: ${why}`;
    return new DriverError('driver_error', words, { cause: error });
  }
}

const notOfOurs = 'its certificate is not one of the authority in ca.pem';
const refusesUs = 'it does not accept the certificate of this client (cert.pem)';
const unreachableWords: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket (is the Engine running?)',
  ECONNREFUSED: 'nobody answers there (is the Engine running?)',
  ECONNRESET: 'it ended the connection (did the Engine end, or does it not accept the certificate of this client?)',
  EACCES: 'this user may not use its socket',
  DEPTH_ZERO_SELF_SIGNED_CERT: notOfOurs,
  SELF_SIGNED_CERT_IN_CHAIN: notOfOurs,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: notOfOurs,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: notOfOurs,
  CERT_SIGNATURE_FAILURE: notOfOurs,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: refusesUs,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: refusesUs,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: refusesUs,
};

/** OpenSSL's way of saying that what came back is no TLS. */
function noTls({ message }: Error): string | undefined {
  return message.includes('wrong version number') ? 'it does not speak TLS (DOCKER_TLS_VERIFY is set)' : undefined;
}

/** Whether there is no Engine at all where it is looked for. */
export function isAbsent(error: unknown): boolean {
  const cause = error instanceof DriverError ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  return cause?.code === 'ENOENT' || cause?.code === 'ECONNREFUSED';
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES) throw new Error(`its answer is longer than ${ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8').trim();
}

function messageOf(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    return text === '' ? undefined : text.slice(0, 500);
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
