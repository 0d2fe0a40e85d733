import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Run } from '../runs/run-registry.ts';

/** Writes what a run says as NDJSON, one event a line, until its last. A reader that is slow is waited for; one that is gone ends nothing but this. */
export async function streamEvents(response: ServerResponse, run: Run, after: number): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.writeHead(200, {
    'content-type': 'application/x-ndjson; charset=utf-8',
    'cache-control': 'no-store',
    'x-run-id': run.id,
  });
  response.flushHeaders();
  for await (const event of run.events.follow(after, gone.signal)) {
    if (!response.write(`${JSON.stringify(event)}\n`)) {
      // Rejects when the reader goes away meanwhile; the loop then ends by the same signal.
      await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
    }
  }
  response.end();
}
