import { modelFailure } from './model-failure.ts';

/** Bytes of one answer, errors included. A completion of the most tokens has some megabytes as an event stream. */
export const MOST_BYTES = 16 * 1024 * 1024;

/** `fetch` for a server that may send without end, or without ever ending a line: what is beyond the bound is not read. */
export async function boundedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init);
  if (response.body === null) return response;
  let bytes = 0;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) throw modelFailure('model_truncated', { expected: `at most ${MOST_BYTES} bytes` });
      controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(counting), { status, statusText, headers });
}
