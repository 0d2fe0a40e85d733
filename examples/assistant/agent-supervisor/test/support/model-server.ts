import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request for a chat completion, as far as tests look into it. */
export interface ChatRequest {
  model: string;
  stream: boolean;
  max_tokens?: number;
  messages: {
    role: string;
    content: string | null;
    tool_calls?: { function: { name: string; arguments: string } }[];
  }[];
  tools: { function: { name: string; parameters: { properties: object } } }[];
  tool_choice?: string;
}

/** What the server does with one request. */
export type Behaviour = (response: ServerResponse, request: ChatRequest) => void | Promise<void>;

export interface ModelServer extends AsyncDisposable {
  /** What `OPENAI_BASE_URL` is set to. */
  readonly url: string;
  readonly requests: readonly ChatRequest[];
  /** Value of each request's `Authorization`. */
  readonly authorizations: readonly (string | undefined)[];
  /** From now on requests are met by these, one after the other; the last one stays. Forgets the requests so far. */
  behave(...script: Behaviour[]): void;
}

/** An OpenAI-compatible server whose model does what a test says. */
export async function startModelServer(): Promise<ModelServer> {
  const requests: ChatRequest[] = [];
  const authorizations: (string | undefined)[] = [];
  let script: Behaviour[] = [];
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') return void response.writeHead(404).end();
    const asked = JSON.parse(await text(request)) as ChatRequest;
    const behaviour = script[Math.min(requests.length, script.length - 1)];
    requests.push(asked);
    authorizations.push(request.headers.authorization);
    await behaviour?.(response, asked);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    authorizations,
    behave(...next) {
      script = next;
      requests.length = 0;
      authorizations.length = 0;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Said {
  content?: string;
  /** Name and arguments as text, of each tool call. */
  calls?: [name: string, args: string][];
}

/** A whole completion, in pieces as models send it; what is set to undefined is left out. */
export function says(said: Said, of: { id?: string; finish?: string; usage?: object; cut?: boolean } = {}): Behaviour {
  const {
    id,
    finish,
    usage,
    cut = false,
  } = {
    ...{ id: 'chatcmpl-1', finish: said.calls === undefined ? 'stop' : 'tool_calls' },
    ...{ usage: { prompt_tokens: 900, completion_tokens: 120, total_tokens: 1020 } },
    ...of,
  };
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const base = {
      ...(id === undefined ? {} : { id }),
      object: 'chat.completion.chunk',
      created: 1,
      model: 'tiny-1-0601',
    };
    const send = (chunk: object): boolean => response.write(`data: ${JSON.stringify({ ...base, ...chunk })}\n\n`);
    const sendDelta = (delta: object): boolean => send({ choices: [{ index: 0, delta }] });
    sendDelta({ role: 'assistant', content: '' });
    for (const piece of said.content?.match(/[^]{1,200}/g) ?? []) sendDelta({ content: piece });
    for (const [index, [name, args]] of (said.calls ?? []).entries()) {
      sendDelta({ tool_calls: [{ index, id: `c${index}`, type: 'function', function: { name, arguments: '' } }] });
      sendDelta({ tool_calls: [{ index, function: { arguments: args } }] });
    }
    if (cut) {
      // What was said so far arrives before the connection ends.
      await new Promise((resolve) => response.write(': cut\n\n', resolve));
      return void response.destroy();
    }
    if (finish !== undefined) send({ choices: [{ index: 0, delta: {}, finish_reason: finish }] });
    if (usage !== undefined) send({ choices: [], usage });
    response.end('data: [DONE]\n\n');
  };
}

/** An HTTP status with a JSON error, as OpenAI's own server has it. */
export function refuses(status: number, message = 'no'): Behaviour {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message, type: 'error', code: null } }));
  };
}

/** Something else than a completion, with status 200. */
export function sends(type: string, body: string): Behaviour {
  return (response) => void response.writeHead(200, { 'content-type': type }).end(body);
}

/** Takes the request and never answers; `onGone` is told when the client stops waiting. */
export function hangs(onGone: () => void = () => undefined): Behaviour {
  return (response) => void response.once('close', onGone);
}
