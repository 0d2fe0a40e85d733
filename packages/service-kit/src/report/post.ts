import { connect } from 'node:net';

export type Answer = { status: number; text: string };

/** How much of an answer is worth repeating, characters. */
const saidBound = 500;

/**
 * One POST over a connection of its own. Not with `fetch` and not with `node:http`, whose first request in a process costs several
 * milliseconds of loading and compiling a client, while users wait for just this. HTTP/1.0, so that the answer is what comes until
 * the end, in one piece.
 *
 * @throws Error when there is no answer within `timeoutMs`, or one that is no HTTP
 */
export async function postPlainly(
  url: URL,
  of: { headers: Readonly<Record<string, string>>; body: string; timeoutMs: number },
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  // A host in brackets is an IPv6 address, which `connect` wants without.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = connect({ host, port: Number(url.port || 80), noDelay: true });
  const late = setTimeout(() => socket.destroy(new Error(`no answer within ${of.timeoutMs} ms`)), of.timeoutMs);
  let answer = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => (answer += chunk));
  socket.once('error', reject);
  socket.once('close', () => {
    clearTimeout(late);
    const [, status, text = ''] = /^HTTP\/1\.\d (\d{3})[^]*?\r\n\r\n([^]*)$/.exec(answer) ?? [];
    if (status === undefined) reject(new Error('the connection ended without an answer'));
    else resolve({ status: Number(status), text: text.slice(0, saidBound) });
  });
  const headers = { host: url.host, ...of.headers, 'content-length': Buffer.byteLength(of.body), connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST ${url.pathname}${url.search} HTTP/1.0\r\n${lines.join('')}\r\n${of.body}`);
  return promise;
}

/** The same where the connection is to be private: with Node's own client. */
export async function postPrivately(
  url: URL,
  of: { headers: Readonly<Record<string, string>>; body: string; timeoutMs: number },
): Promise<Answer> {
  const signal = AbortSignal.timeout(of.timeoutMs);
  const response = await fetch(url, { method: 'POST', headers: of.headers, body: of.body, signal });
  return { status: response.status, text: (await response.text()).slice(0, saidBound) };
}
