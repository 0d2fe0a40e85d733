import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { chatCatalog } from '../harness/catalogs.ts';
import { World } from '../harness/world.ts';

test('an edge that goes away sends its clients on one after the other, each with a pause of its own', async () => {
  const users = 100;
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const edge = await world.edge();
  const clients = await Promise.all(Array.from({ length: users }, (_, n) => world.user(edge, `user${n}`)));
  const drained = edge[Symbol.asyncDispose]();
  const told = await Promise.all(
    clients.map(async (client) => {
      const { reconnectInMs } = await client.next('draining');
      const at = performance.now();
      expect(await client.closed).toMatchObject({ code: 1012 });
      return { reconnectInMs, at };
    }),
  );
  await drained;
  const moments = told.map(({ at }) => at);
  // Five milliseconds each make half a second.
  expect(Math.max(...moments) - Math.min(...moments)).toBeGreaterThan(250);
  expect(new Set(told.map(({ reconnectInMs }) => reconnectInMs)).size).toBeGreaterThan(users / 2);
});

test('who is still let in when the edge begins to go away is refused, and who has not said hello is sent on', async () => {
  const asked = Promise.withResolvers<ServerResponse>();
  await using issuer = createServer((_, response) => asked.resolve(response)).listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  const url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks`;
  const config = { auth: { kind: 'jwks', url } } as const;
  await using world = await World.create({ on: 'memory', catalog: chatCatalog(), config });
  const edge = await world.edge();
  const silent = await world.client(edge);
  const [head, claims] = [
    { alg: 'ES256', kid: 'one' },
    { sub: 'ada', exp: Date.now() / 1000 + 60 },
  ];
  const token = [head, claims, 'signature'].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  const headers = { authorization: `Bearer ${token.join('.')}` };
  const late = new WebSocket(`${edge.url}/v1/connect/chat`, 'reveille.v1', { headers });
  late.on('error', () => undefined);
  const status = new Promise((resolve) => {
    late.once('unexpected-response', (_, response) => resolve(response.statusCode));
    late.once('open', () => resolve('open'));
  });
  const response = await asked.promise;

  const drained = edge[Symbol.asyncDispose]();
  expect(await silent.closed).toMatchObject({ code: 1012 });
  response.end(JSON.stringify({ keys: [] }));
  expect(await status).toBe(503);
  await drained;
});
