import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { busyHandler } from '@reveille/service-kit';
import type { Logger } from '@reveille/telemetry';
import { z } from 'zod';
import { RunFailure, type FailureWords } from '../runs/run-failure.ts';
import type { Run, RunRegistry } from '../runs/run-registry.ts';
import { runRequest } from '../runs/run-request.ts';
import { MAX_BODY_BYTES, readBody } from './read-body.ts';
import { streamEvents } from './stream-events.ts';

interface Parts {
  runs: RunRegistry;
  log: Logger;
  /** Whether everything that runs need has been reached. */
  isReady: () => boolean;
}

/**
 * `POST /runs` starts a run and streams its events, `GET /runs/{run}/events?after=N` follows it again, `POST /runs/{run}/cancel` ends it;
 * `/livez`, `/readyz` and `/busy` are for probes. What is refused is answered with `{error: {code, message, advice}}`.
 */
export function createApi({ runs, log, isReady }: Parts): RequestListener {
  const busy = busyHandler(() => runs.underWay > 0);
  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://supervisor');
    const what = `${request.method} ${url.pathname}`;
    if (what === 'GET /livez') return json(response, 200, { live: true });
    if (what === 'GET /readyz') return json(response, isReady() ? 200 : 503, { ready: isReady() });
    if (what === 'GET /busy') return busy(request, response);
    if (what === 'POST /runs') return startRun(runs, request, response);
    const [, id, action] = /^\/runs\/([0-9a-f]{1,64})\/(events|cancel)$/.exec(url.pathname) ?? [];
    if (id === undefined)
      return refuse(response, 404, 'not_found', 'There is nothing at this path. Runs are at /runs.');
    const run = runs.find(id);
    if (run === undefined) {
      return refuse(
        response,
        404,
        'run_not_found',
        'There is no such run: it was never started here, or ended a while ago.',
      );
    }
    if (request.method === 'GET' && action === 'events') return follow(response, run, url.searchParams.get('after'));
    if (request.method === 'POST' && action === 'cancel') {
      run.cancel();
      return json(response, 202, { run: run.id, cancelled: !run.events.closed });
    }
    refuse(
      response,
      405,
      'method_not_allowed',
      'GET /runs/{run}/events follows a run, POST /runs/{run}/cancel ends it.',
    );
  };
  return (request, response) => {
    route(request, response).catch((error: unknown) => {
      log.error({ err: error }, 'a request failed');
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'internal_error', 'The agent supervisor could not do this; its log says why.');
    });
  };
}

async function startRun(runs: RunRegistry, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) {
    return refuse(
      response,
      413,
      'too_large',
      `The message is larger than ${MAX_BODY_BYTES} bytes. Send a shorter time span.`,
    );
  }
  const parsed = runRequest.safeParse(parseJson(body));
  if (!parsed.success) {
    return refuse(response, 400, 'bad_message', `The message is not right: ${z.prettifyError(parsed.error)}`);
  }
  const traceparent = request.headers['traceparent'];
  let run: Run;
  try {
    run = runs.start(parsed.data, typeof traceparent === 'string' ? traceparent : undefined);
  } catch (error) {
    if (!(error instanceof RunFailure)) throw error;
    return json(response, error.words.code === 'too_busy' ? 429 : 409, { error: error.words });
  }
  await streamEvents(response, run, 0);
}

async function follow(response: ServerResponse, run: Run, after: string | null): Promise<void> {
  if (after !== null && !/^\d{1,9}$/.test(after)) {
    return refuse(response, 400, 'bad_request', `"after" is the number of an event, not "${after.slice(0, 40)}".`);
  }
  await streamEvents(response, run, Number(after ?? 0));
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  const error: FailureWords = { code, message, advice: 'Correct the request and send it again.' };
  json(response, status, { error });
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the schema says what was expected instead.
    return undefined;
  }
}
