import { request as httpRequest } from 'node:http';
import type { ServiceReport } from '@reveille/contracts';

/** `refused`: the report itself is not wanted, sending it again cannot help. `unreachable`: it may go better next time. */
export type PostOutcome = { taken: true } | { refused: string } | { unreachable: string };

export type ReportTarget = { url: string; token: string };

/** How much of an answer is worth repeating, characters. */
const saidBound = 500;

/** Where reports go, or undefined when the service was not started by Reveille. */
export function reportTarget(env: NodeJS.ProcessEnv = process.env): ReportTarget | undefined {
  const url = env['REVEILLE_REPORT_URL'];
  return url ? { url, token: env['REVEILLE_REPORT_TOKEN'] ?? '' } : undefined;
}

/** Sends one report. Not with `fetch`, whose first call in a process loads a whole client, while users wait for just this. */
export async function postReport(target: ReportTarget, report: ServiceReport, timeoutMs: number): Promise<PostOutcome> {
  try {
    const { status, text } = await post(target, JSON.stringify(report), timeoutMs);
    if (status >= 200 && status < 300) return { taken: true };
    const said = `${status} ${text.slice(0, saidBound)}`.trim();
    const final = status >= 400 && status < 500 && ![408, 425, 429].includes(status);
    return final ? { refused: said } : { unreachable: said };
  } catch (error) {
    return { unreachable: error instanceof Error ? error.message : String(error) };
  }
}

async function post(
  { url, token }: ReportTarget,
  body: string,
  timeoutMs: number,
): Promise<{ status: number; text: string }> {
  const request = url.startsWith('https:') ? (await import('node:https')).request : httpRequest;
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const outgoing = request(
    url,
    {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
      signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
    },
    (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text = text.length < saidBound ? text + chunk : text));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.once('error', reject);
    },
  );
  outgoing.once('error', reject);
  outgoing.end(body);
  return promise;
}
