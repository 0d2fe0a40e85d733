import type { IncomingMessage } from 'node:http';

/** Tables as JSON strings: quotes and line ends become two characters, so twice the largest message and the rest of the request. */
export const MAX_BODY_BYTES = 24 * 1024 * 1024;

/** The body as text, or undefined when it is larger than `MAX_BODY_BYTES`: then the rest is read and dropped, so that the answer arrives. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) chunks.length = 0;
    else chunks.push(chunk);
  }
  return bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString('utf8');
}
