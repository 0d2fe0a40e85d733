import { DriverError } from '@reveille/orchestration';
import { cleanLine } from '../log/clean-line.ts';

/** What is read of an answer, bytes. */
const ANSWER_BYTES = 64 * 1024;
/** What is repeated of the words of a refusal, characters. */
const SAID = 300;

/** One call of somebody else's API, everything filled in. */
export type Call = { method: string; url: string; headers: Readonly<Record<string, string>> };

/** `json`: undefined when the answer has no body or none that claims to be JSON. */
export type Answer = { status: number; json: unknown; said: string };

/**
 * Calls and reads the answer whole, whatever its status. Redirects are not followed: what answers is what the catalog names.
 * @throws DriverError `driver_error` when nothing can be learnt of it (unreachable, late, cut off, too long, no JSON), or the reason of
 * the signal.
 */
export async function callOut(
  call: Call,
  options: { signal: AbortSignal; timeoutMs: number; redact(text: string): string },
): Promise<Answer> {
  const late = AbortSignal.timeout(options.timeoutMs);
  const signal = AbortSignal.any([options.signal, late]);
  const fail = (why: string, cause?: unknown): DriverError =>
    new DriverError('driver_error', `${wordsOf(call)} ${options.redact(why)}`, { cause });
  let response: Response;
  try {
    const { method, url, headers } = call;
    response = await fetch(url, {
      method,
      headers: { accept: 'application/json', ...headers },
      redirect: 'manual',
      signal,
    });
  } catch (error) {
    options.signal.throwIfAborted();
    throw fail(late.aborted ? `did not answer within ${options.timeoutMs} ms` : failureWords(error), error);
  }
  let text: string | undefined;
  try {
    text = await bodyOf(response);
  } catch (error) {
    options.signal.throwIfAborted();
    const how = late.aborted ? `within ${options.timeoutMs} ms` : `(${failureWords(error)})`;
    throw fail(`began an answer with status ${response.status} and did not finish it ${how}`, error);
  }
  if (text === undefined) throw fail(`answered with more than ${ANSWER_BYTES} bytes`);
  const said = options.redact(cleanLine(text.slice(0, SAID).replaceAll(/\s+/g, ' '))).trim();
  if (text.trim() === '' || !isJson(response)) return { status: response.status, json: undefined, said };
  try {
    return { status: response.status, json: JSON.parse(text) as unknown, said };
  } catch (error) {
    throw fail(`answered with status ${response.status} and what is no JSON, though it says so: ${said}`, error);
  }
}

/** Which call it is, without the query, where tokens may stand. */
export function wordsOf({ method, url }: Pick<Call, 'method' | 'url'>): string {
  const { origin, pathname } = new URL(url);
  return `${method} ${origin}${pathname}`;
}

/** The whole body as text; undefined when it is too long to be an answer. */
async function bodyOf({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    // Leaving the loop ends the connection.
    if (bytes > ANSWER_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function isJson({ headers }: Response): boolean {
  return /^application\/([\w.-]+\+)?json\b/i.test(headers.get('content-type') ?? '');
}

const failures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'cannot be reached: nobody answers there',
  ECONNRESET: 'ended the connection without an answer',
  UND_ERR_SOCKET: 'ended the connection without an answer',
  ENOTFOUND: 'cannot be reached: its host name is unknown',
  EAI_AGAIN: 'cannot be reached: its host name cannot be looked up at the moment',
  EHOSTUNREACH: 'cannot be reached: there is no way to its host',
};

/** `fetch` itself says no more than that it failed; its cause knows why. */
function failureWords(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message, name } = cause as NodeJS.ErrnoException;
  if (name === 'HTTPParserError') return 'does not speak HTTP';
  return failures[code ?? ''] ?? `failed: ${message}`;
}
