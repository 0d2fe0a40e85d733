import { clientFrame } from '../client-frame.ts';
import { clientSubprotocol, closeCodes, upstreamCloseCodes, upstreamSubprotocol } from '../close-code.ts';
import { serverFrame } from '../server-frame.ts';
import { upstreamCommand, upstreamEvent, upstreamHeaders } from '../upstream-frame.ts';
import { frameSchemas } from './frame-schemas.ts';
import { summaries } from './summaries.ts';

const text = (description: string): object => ({ type: 'string', description });
const ref = (path: string): { $ref: string } => ({ $ref: `#/${path}` });

/** `PROTOCOL.md` §1 and §3 as AsyncAPI 3.0: who may say what on which WebSocket. An edge is the application; clients and services talk to it. */
export function asyncapiDocument(): object {
  const [client, server] = [typesOf(clientFrame), typesOf(serverFrame)];
  const [command, event] = [typesOf(upstreamCommand), typesOf(upstreamEvent)];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Reveille',
      version: '1',
      description:
        'What clients, edges and services say to one another. One JSON object in each text message; unknown fields are ignored. Times are epoch milliseconds, durations milliseconds. PROTOCOL.md says what the frames mean together.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      edge: {
        host: 'edge.example.com',
        protocol: 'wss',
        description: `Subprotocol ${clientSubprotocol}. The token comes in the upgrade or in \`hello\`.`,
        security: [ref('components/securitySchemes/token')],
      },
      service: {
        host: 'service.example.internal',
        protocol: 'ws',
        description: `Subprotocol ${upstreamSubprotocol}. The endpoint of a ready instance, which the edge connects to.`,
        security: [ref('components/securitySchemes/assertion')],
      },
    },
    channels: {
      session: {
        address: '/v1/connect/{entrypoint}',
        summary: 'A client and an edge.',
        servers: [ref('servers/edge')],
        parameters: { entrypoint: { description: 'Name of an entrypoint of the catalog.' } },
        messages: channelMessages([...client, ...server]),
        bindings: websocket({
          authorization: text('`Bearer` and the token, when it is not in `hello`.'),
          'sec-websocket-protocol': { type: 'string', const: clientSubprotocol },
        }),
        'x-close-codes': Object.values(closeCodes),
      },
      upstream: {
        address: '{path}',
        summary: 'An edge and the service behind it: one connection for each session.',
        servers: [ref('servers/service')],
        parameters: { path: { description: '`upstream.websocket.path` of the entrypoint' } },
        messages: channelMessages([...command, ...event]),
        bindings: websocket({
          authorization: text('`Bearer` and the assertion of the edge.'),
          'sec-websocket-protocol': { type: 'string', const: upstreamSubprotocol },
          [upstreamHeaders.session]: text('The session; the same after a reconnect.'),
          [upstreamHeaders.user]: text('Its user, percent-encoded.'),
          [upstreamHeaders.tenant]: text('Its tenant, percent-encoded; absent for a user without one.'),
          [upstreamHeaders.generation]: text('The generation that the edge means to reach.'),
          [upstreamHeaders.challenge]: text('A nonce that the service signs.'),
          [upstreamHeaders.stored]: text('The edge has every emit up to this number; absent means 0.'),
          traceparent: text('The trace of the session (W3C).'),
        }),
        'x-close-codes': Object.values(upstreamCloseCodes),
      },
    },
    operations: {
      hear_client: operation('receive', 'session', client, 'What a client says.'),
      tell_client: operation('send', 'session', server, 'What a client is told.'),
      tell_service: operation('send', 'upstream', command, 'What a service is told.'),
      hear_service: operation('receive', 'upstream', event, 'What a service says.'),
    },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        assertion: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      },
      messages: Object.fromEntries(
        Object.entries({ ...summaries.client, ...summaries.server, ...summaries.command, ...summaries.event }).map(
          ([name, summary]) => [name, { name, summary, payload: ref(`components/schemas/${name}`) }],
        ),
      ),
      schemas: frameSchemas(),
    },
  };
}

type Frames = { readonly options: readonly { readonly shape: { readonly type: { readonly value: string } } }[] };

function typesOf({ options }: Frames): string[] {
  return options.map(({ shape }) => shape.type.value);
}

function channelMessages(types: readonly string[]): object {
  return Object.fromEntries(types.map((type) => [type, ref(`components/messages/${type}`)]));
}

function operation(action: 'send' | 'receive', channel: string, types: readonly string[], summary: string): object {
  const messages = types.map((type) => ref(`channels/${channel}/messages/${type}`));
  return { action, channel: ref(`channels/${channel}`), summary, messages };
}

function websocket(headers: Record<string, object>): object {
  return { ws: { method: 'GET', headers: { type: 'object', properties: headers }, bindingVersion: '0.1.0' } };
}
