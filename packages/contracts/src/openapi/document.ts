import { z } from 'zod';
import { clientSubprotocol } from '../close-code.ts';
import {
  edgeErrorBody,
  type EdgeRefusal,
  edgeRefusals,
  healthStatus,
  pageDescription,
  readiness,
} from '../edge-http.ts';

type Answer = { description: string; headers?: object; content?: object };

const { notFound, nothingUpgraded, upgradeExpected, tooManyHandshakes, tooManyConnections, draining } = edgeRefusals;

/** The HTTP side of an edge as OpenAPI 3.1: the door of the WebSocket, the page, and what probes and Prometheus read. */
export function edgeOpenapiDocument(): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Reveille edge',
      version: '1',
      description:
        'What an edge answers over HTTP. The conversation itself is a WebSocket: asyncapi.json describes it, PROTOCOL.md tells it.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'https://edge.example.com', description: 'The user port.' }],
    paths: {
      '/v1/connect/{entrypoint}': { get: connect() },
      '/': { get: page('The page: what is starting, and the conversation.', html('The document.')) },
      '/page.json': {
        get: page(
          'What there is to connect to.',
          json('Entrypoints, and whether a token is asked for.', pageDescription),
        ),
      },
      '/livez': { servers: health, get: probe('Whether the process turns.', { 200: json('It does.', healthStatus) }) },
      '/readyz': {
        servers: health,
        get: probe('Whether this edge may be sent users.', {
          200: json('It may.', readiness),
          503: json('It may not: what it needs is away, or it is draining.', readiness),
        }),
      },
      '/metrics': {
        servers: health,
        get: probe('Metrics for Prometheus: metrics.md lists them.', {
          200: { description: 'The text format.', content: { 'text/plain': { schema: { type: 'string' } } } },
          500: json('They could not be read.', healthStatus),
        }),
      },
    },
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  };
}

const health = [
  { url: 'http://edge.example.internal:9090', description: 'REVEILLE_HEALTH_PORT' },
  { url: 'https://edge.example.com', description: 'With REVEILLE_HEALTH_ON_USER_PORT.' },
];

function connect(): object {
  const header = (name: string, schema: object, required: boolean) => ({ name, in: 'header', required, schema });
  return {
    summary: 'Upgrades to the WebSocket of an entrypoint.',
    description:
      'What a client of ours can be told is told on the WebSocket: an unknown entrypoint, a foreign origin, a missing subprotocol or a bad token is an upgrade that is closed with its code.',
    parameters: [
      { name: 'entrypoint', in: 'path', required: true, schema: { type: 'string', minLength: 1, maxLength: 64 } },
      header('upgrade', { type: 'string', const: 'websocket' }, true),
      header('sec-websocket-version', { type: 'string', const: '13' }, true),
      header('sec-websocket-key', { type: 'string' }, true),
      header('sec-websocket-protocol', { type: 'string', const: clientSubprotocol }, true),
      header('origin', { type: 'string' }, false),
    ],
    // The token may also come in the first frame.
    security: [{ token: [] }, {}],
    responses: {
      101: {
        description: 'A WebSocket.',
        headers: { 'sec-websocket-protocol': { schema: { type: 'string', const: clientSubprotocol } } },
      },
      400: { description: 'The handshake breaks RFC 6455.', content: { 'text/html': { schema: { type: 'string' } } } },
      404: refused(nothingUpgraded),
      426: {
        ...refused(upgradeExpected),
        headers: { upgrade: { schema: { type: 'string', const: 'websocket' } } },
      },
      429: refused(tooManyHandshakes, tooManyConnections),
      503: refused(draining),
    },
  };
}

function page(summary: string, answer: Answer): object {
  return { summary, description: 'Only with REVEILLE_PAGE.', responses: { 200: answer, 404: refused(notFound) } };
}

function probe(summary: string, answers: Record<number, Answer>): object {
  return { summary, responses: { ...answers, 404: json('Not on this port.', z.union([healthStatus, edgeErrorBody])) } };
}

function html(description: string): Answer {
  return { description, content: { 'text/html': { schema: { type: 'string' } } } };
}

function refused(...refusals: EdgeRefusal[]): Answer {
  return json(`${refusals.map(({ error }) => `\`${error}\``).join(', or ')}.`, edgeErrorBody);
}

function json(description: string, schema: z.ZodType): Answer {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'output' });
  return { description, content: { 'application/json': { schema: rest } } };
}
