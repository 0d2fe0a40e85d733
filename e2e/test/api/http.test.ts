import { type IncomingMessage, request } from 'node:http';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { ApiDocument, closed } from '../../src/api/document.ts';
import { Cluster, runs } from '../../src/cluster.ts';
import type { Deployable } from '../../src/deployables.ts';

const catalog = `
version: 1
services:
  echo: { scope: tenant, start: { ${runs('store')} }, ready: { reported: true } }
entrypoints:
  chat: { service: echo, upstream: { websocket: { path: /session } } }
`;

type Answered = { status: number; headers: IncomingMessage['headers']; body: string };

let document: ApiDocument;
let cluster: Cluster;
/** One that shows everything on its user port, one that shows nothing but the door. */
let whole: Deployable, bare: Deployable, limited: Deployable;
/** Of each documented path: the statuses that an edge has really given. */
const seen = new Map<string, Set<number>>();

beforeAll(async () => {
  document = await ApiDocument.read('openapi-edge.json');
  cluster = await Cluster.start({ redisUrl: inject('redisUrl'), catalog, size: { edge: 0, initializer: 0 } });
  whole = cluster.add('edge', { REVEILLE_PAGE: 'true', REVEILLE_HEALTH_ON_USER_PORT: 'true' });
  bare = cluster.add('edge');
  limited = cluster.add('edge', { REVEILLE_CONNECTIONS_PER_ADDRESS: '1' });
  await Promise.all([whole, bare, limited].map((edge) => edge.running()));
});
afterAll(() => cluster[Symbol.asyncDispose]());

async function baseOf(edge: Deployable): Promise<string> {
  return (await edge.url()).replace(/^ws/, 'http');
}

const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': Buffer.alloc(16, 1).toString('base64'),
  'sec-websocket-protocol': 'reveille.v1',
};

async function ask(url: string, headers: Record<string, string> = {}): Promise<Answered> {
  const asked = request(url, { headers, agent: false }).end();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once('error', reject);
    asked.once('response', resolve);
    asked.once('upgrade', (switched: IncomingMessage) => {
      switched.socket.destroy();
      resolve(switched);
    });
  });
  const { statusCode: status = 0, headers: answered } = response;
  if (status === 101) return { status, headers: answered, body: '' };
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status, headers: answered, body };
}

/** Asks an edge, and holds its answer against what the document says of this path and status. */
async function check(
  path: string,
  edge: Deployable,
  status: number,
  of: { at?: string; headers?: Record<string, string> } = {},
) {
  const answered = await ask(`${await baseOf(edge)}${of.at ?? path}`, of.headers);
  expect(answered.status, `${path}: ${answered.body}`).toBe(status);
  const described = document.at(`/paths/${path.replaceAll('/', '~1')}/get/responses/${status}`) as {
    headers?: Record<string, { schema: object }>;
    content?: Record<string, { schema: object }>;
  };
  for (const [name, { schema }] of Object.entries(described.headers ?? {}))
    expect(faultsOf(schema, answered.headers[name]), name).toEqual([]);
  const type = (answered.headers['content-type'] ?? '').split(';')[0] ?? '';
  expect(described.content === undefined ? [''] : Object.keys(described.content)).toContain(type);
  const schema = described.content?.[type]?.schema;
  if (schema !== undefined)
    expect(faultsOf(schema, type === 'application/json' ? JSON.parse(answered.body) : answered.body)).toEqual([]);
  seen.set(path, (seen.get(path) ?? new Set()).add(status));
}

function faultsOf(schema: object, value: unknown): unknown[] {
  const valid = new Ajv2020({ strict: false, allErrors: true }).compile(closed(schema) as object);
  valid(value);
  return valid.errors ?? [];
}

const door = '/v1/connect/{entrypoint}';

test('the door of the WebSocket opens, and answers in words when it does not', async () => {
  await check(door, bare, 101, { at: '/v1/connect/chat', headers: upgrade });
  await check(door, bare, 400, { at: '/v1/connect/chat', headers: { ...upgrade, 'sec-websocket-version': '12' } });
  await check(door, bare, 404, { at: `/v1/connect/${'x'.repeat(65)}`, headers: upgrade });
  await check(door, bare, 426, { at: '/v1/connect/chat' });
  const only = new WebSocket(`${await limited.url()}/v1/connect/chat`, 'reveille.v1');
  await new Promise((resolve) => only.once('open', resolve));
  await check(door, limited, 429, { at: '/v1/connect/chat', headers: upgrade });
  only.terminate();
});

test('the page, the probes and the metrics are there where they are asked for, and nowhere else', async () => {
  for (const path of ['/', '/page.json', '/livez', '/readyz', '/metrics']) {
    await check(path, whole, 200);
    await check(path, bare, 404);
  }
});

test('an edge that goes away is not ready, and lets nobody in', async () => {
  // One that answers no close holds it for a moment.
  const frozen = new WebSocket(`${await whole.url()}/v1/connect/chat`, 'reveille.v1');
  await new Promise((resolve) => frozen.once('open', resolve));
  frozen.pause();
  whole.child.kill('SIGTERM');
  const base = await baseOf(whole);
  await expect.poll(async () => (await ask(`${base}/readyz`)).status).toBe(503);
  await check('/readyz', whole, 503);
  await check(door, whole, 503, { at: '/v1/connect/chat', headers: upgrade });
  frozen.terminate();
});

test('every path and status of docs/openapi-edge.json was given by an edge, but a failure to read metrics', () => {
  const documented = Object.entries(document.at('/paths')).flatMap(([path, one]) =>
    Object.keys((one as { get: { responses: object } }).get.responses).map((status) => `${status} ${path}`),
  );
  const given = [...seen].flatMap(([path, statuses]) => [...statuses].map((status) => `${status} ${path}`));
  expect([...given, '500 /metrics'].toSorted()).toEqual(documented.toSorted());
});
