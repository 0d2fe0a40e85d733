import { writeFile } from 'node:fs/promises';
import { ConfigError } from '@reveille/lifecycle';
import { expect, test } from 'vitest';
import { chatCatalog } from './harness/catalogs.ts';
import { World } from './harness/world.ts';

test('an edge announces itself, and a graceful stop drains: 1012, interest and places gone, membership ended', async () => {
  await using world = await World.create({ catalog: chatCatalog() });
  const edge = await world.edge();
  const { service } = await world.readyPlan();
  const user = await world.user(edge);
  await user.next('initialization_completed');
  const upstream = await service.next();
  expect((await world.broker.members.alive()).map(({ id }) => id)).toContain(edge.id);
  await edge[Symbol.asyncDispose]();
  await user.next('draining');
  expect((await user.closed).code).toBe(1012);
  await upstream.closed;
  const plan = (await world.plan()).instances.map(({ instance }) => instance);
  expect((await world.broker.ledger.read(plan)).flatMap(({ interest }) => interest)).toEqual([]);
  expect((await world.broker.members.alive()).map(({ id }) => id)).not.toContain(edge.id);
  const next = await world.edge();
  for (const _ of [1, 2, 3]) await world.user(next);
});

test('health and metrics answer on the user port when asked to, everything else is 404 in JSON', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const edge = await world.edge();
  const get = (path: string) => fetch(`http://127.0.0.1:${edge.port}${path}`);
  expect((await get('/livez')).status).toBe(200);
  expect((await get('/readyz')).status).toBe(200);
  await world.user(edge);
  expect(await (await get('/metrics')).text()).toContain('reveille_sessions 1');
  const missing = await get('/admin');
  expect(missing.status).toBe(404);
  expect(await missing.json()).toEqual({ error: 'not found' });
  expect((await get('/v1/connect/chat')).status).toBe(426);
});

test('a new catalog takes effect for new sessions; an invalid one is refused and the old one stays', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const edge = await world.edge();
  const old = await world.user(edge);
  expect((await old.next('initialization_started')).totalServices).toBe(2);
  await writeFile(world.catalogPath, '{"version": 2}');
  await edge.reload();
  expect((await (await world.user(edge, 'bob')).next('initialization_started')).totalServices).toBe(2);
  await writeFile(world.catalogPath, JSON.stringify(chatCatalog({}, { dependsOn: [] })));
  await edge.reload();
  const fresh = await world.user(edge, 'cleo');
  expect((await fresh.next('initialization_started')).totalServices).toBe(1);
});

test('without authentication an edge refuses to listen beyond loopback', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  await expect(world.edge({ host: '0.0.0.0' })).rejects.toThrow(ConfigError);
  await expect(world.edge({ host: undefined })).rejects.toThrow(/loopback/);
});
