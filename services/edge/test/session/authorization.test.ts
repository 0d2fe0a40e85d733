import type { CatalogInput } from '@reveille/contracts';
import { SignJWT } from 'jose';
import { afterEach, expect, test, vi } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import type { Client } from '../harness/client.ts';
import type { UpstreamConnection } from '../harness/service.ts';
import { World } from '../harness/world.ts';

const secret = 's'.repeat(40);

function create(chat: Partial<CatalogInput['entrypoints'][string]> = {}): Promise<World> {
  const config = { auth: { kind: 'secret', secret } } as const;
  return World.create({ on: 'memory', catalog: chatCatalog(chat), config, timings: { connectBackoffMs: 5 } });
}

function token(roles: string[], exp: string | number = '1h'): Promise<string> {
  const claims = new SignJWT({ tenant: 'acme', roles }).setProtectedHeader({ alg: 'HS256' });
  return claims.setSubject('ada').setExpirationTime(exp).sign(Buffer.from(secret));
}

/** A user with these roles. */
async function enter(world: World, roles: string[], exp?: string | number): Promise<Client> {
  const user = await world.client(await world.edge());
  user.hello({ token: await token(roles, exp) });
  await user.next('welcome');
  return user;
}

/** Resolves when the edge has judged the new token: one at a time is, so that it has no ear for another one before. */
async function refresh(user: Client, roles: string[]): Promise<void> {
  user.say({ type: 'refresh', token: await token(roles) });
  do user.say({ type: 'refresh', token: 'rubbish' });
  while ((await user.next('error')).code === 'rate_limited');
}

/** What the edge told the service that the user may. */
function rolesAt({ headers }: UpstreamConnection): unknown {
  const claims = (headers.authorization ?? '').split('.')[1] ?? '';
  return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { roles?: unknown }).roles;
}

afterEach(() => void vi.useRealTimers());

test('a refresh to fewer roles is told to the service before another message is, and nothing is lost by it', async () => {
  await using world = await create();
  const { service } = await world.readyPlan();
  const user = await enter(world, ['admin', 'user']);
  const before = await service.next();
  expect(rolesAt(before)).toEqual(['admin', 'user']);
  for (const id of ['open', 'untaken']) user.say({ type: 'send', id, data: id });
  await before.take();
  await before.next('deliver');
  await user.next('accepted');
  await refresh(user, ['user']);
  user.say({ type: 'send', id: 'after', data: 'after' });
  expect(await before.closed).toEqual({ code: 1000, reason: 'connection left' });
  const after = await service.next();
  expect(rolesAt(after)).toEqual(['user']);
  expect([(await after.take()).id, (await after.take()).id]).toEqual(['untaken', 'after']);
  expect(before.heard.map(({ id }) => id)).toEqual(['open', 'untaken']);
  after.say({ type: 'emit', n: 1, re: 'open', final: true, data: 'the answer of before' });
  expect(await user.next('message')).toMatchObject({ seq: 1, re: 'open' });
  expect(user.of('interrupted')).toEqual([]);
  expect(user.of('initialization_started')).toEqual([]);
});

test('a refresh with the same roles in another order leaves the service alone', async () => {
  await using world = await create();
  const { service } = await world.readyPlan();
  const user = await enter(world, ['admin', 'user']);
  const upstream = await service.next();
  await refresh(user, ['user', 'admin']);
  user.say({ type: 'send', id: 'm1', data: 1 });
  expect((await upstream.take()).id).toBe('m1');
  expect(service.handshakes).toBe(1);
});

test('roles that change again and again do not make a service look like one that refuses', async () => {
  await using world = await create();
  const { service } = await world.readyPlan();
  const user = await enter(world, ['0']);
  for (let n = 1; n <= 8; n += 1) {
    await service.next();
    await refresh(user, [String(n)]);
  }
  expect(rolesAt(await service.next())).toEqual(['8']);
  expect(user.of('initialization_failed')).toEqual([]);
});

test('a bare upstream is connected anew too, and what may be lost by that is named', async () => {
  await using world = await create({ provenance: 'endpoint' });
  const { service } = await world.readyPlan({ speaks: 'bare' });
  const user = await enter(world, ['admin']);
  const before = await service.next();
  user.say({ type: 'send', id: 'm1', data: 1 });
  await before.next('*');
  await user.next('accepted');
  await refresh(user, []);
  expect(rolesAt(await service.next())).toEqual([]);
  expect(user.of('interrupted')).toMatchObject([{ ids: ['m1'] }]);
});

test('log lines are shown by the roles of the moment, not by those of the hello', async () => {
  await using world = await create({ logTailFor: ['operator'] });
  const user = await enter(world, ['operator']);
  await user.next('initialization_started');
  await refresh(user, []);
  await world.waiting('store');
  await world.failed('store', { logTail: ['boom at line 7'] });
  await user.next('initialization_failed');
  expect(JSON.stringify(user.frames)).not.toContain('boom');
});

test('a frame that comes after the end of the token is not heard, although the timer of a suspended host is late', async () => {
  await using world = await create();
  const { service } = await world.readyPlan();
  const user = await enter(world, []);
  const upstream = await service.next();
  user.say({ type: 'send', id: 'before', data: 1 });
  await upstream.take();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 3_600_000 });
  user.say({ type: 'send', id: 'after', data: 2 });
  expect((await user.closed).code).toBe(4005);
  expect(upstream.heard.map(({ id }) => id)).toEqual(['before']);
});
