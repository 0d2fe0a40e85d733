import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface ModelServer extends AsyncDisposable {
  /** What `OPENAI_BASE_URL` is set to. */
  readonly url: string;
  /** What the model writes from now on; before it writes, it calls `cost_breakdown`. */
  write(words: string): void;
}

/** An OpenAI-compatible server with a model that is right in form, whatever it writes. */
export async function startModelServer(): Promise<ModelServer> {
  let words = '';
  const server = createServer(async (request, response) => {
    const { tool_choice } = JSON.parse(await text(request)) as { tool_choice?: string };
    const call = { index: 0, id: 'c', type: 'function', function: { name: 'cost_breakdown', arguments: '{}' } };
    const writes = tool_choice === 'none';
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const chunk of [
      { choices: [{ index: 0, delta: writes ? { content: words } : { tool_calls: [call] } }] },
      { choices: [{ index: 0, delta: {}, finish_reason: writes ? 'stop' : 'tool_calls' }] },
      { choices: [], usage: { prompt_tokens: 10, completion_tokens: 5 } },
    ]) {
      response.write(`data: ${JSON.stringify({ id: 'chatcmpl-1', model: 'tiny-1', ...chunk })}\n\n`);
    }
    response.end('data: [DONE]\n\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    write: (next) => void (words = next),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
