import { afterEach, expect, test, vi } from 'vitest';
import type { Client } from '../harness/client.ts';
import { chatCatalog } from '../harness/catalogs.ts';
import { Issuer, signer } from '../harness/issuer.ts';
import { World } from '../harness/world.ts';

const words = 'tokens cannot be checked at the moment';

function worldOf(issuer: Issuer, more: Parameters<Issuer['auth']>[0] = {}): Promise<World> {
  const auth = issuer.auth({ cooldownMs: 0, timeoutMs: 200, ...more });
  return World.create({ on: 'memory', catalog: chatCatalog({ limits: { connectionsPerUser: 50 } }), config: { auth } });
}

type Edge = Awaited<ReturnType<World['edge']>>;

async function come(world: World, edge: Edge, token: string): Promise<Client> {
  const client = await world.client(edge);
  client.hello({ token });
  return client;
}

/** How somebody with this token is sent away. */
async function codeOf(world: World, edge: Edge, token: string): Promise<number> {
  return (await (await come(world, edge, token)).closed).code;
}

async function letsIn(world: World, edge: Edge, token: string): Promise<Client> {
  const client = await come(world, edge, token);
  await client.next('welcome');
  return client;
}

function said(world: World, text: string): number {
  return world.log.filter(({ msg }) => String(msg).includes(text)).length;
}

/** The clock of the edge goes on by so much. */
function later(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms });
}
afterEach(() => void vi.useRealTimers());

test.each(['500', 'not a key set', 'not JSON', 'silent', 'cut off'] as const)(
  'an issuer that is away (%s) sends nobody away for good: 1013, and who comes when it is back is let in',
  async (away) => {
    const one = await signer('one');
    await using issuer = await Issuer.start(one.jwk);
    issuer.away = away;
    await using world = await worldOf(issuer);
    const edge = await world.edge();
    const inFrame = await come(world, edge, await one.sign());
    expect(await inFrame.closed).toEqual({ code: 1013, reason: words });
    expect(inFrame.of('error')).toMatchObject([{ code: 'unavailable', retryAfterMs: expect.any(Number) as number }]);
    const onUpgrade = await world.client(edge, { headers: { authorization: `Bearer ${await one.sign()}` } });
    onUpgrade.hello();
    expect((await onUpgrade.closed).code).toBe(1013);
    issuer.away = 'no';
    await letsIn(world, edge, await one.sign());
  },
);

test('keys that are known are believed for a while on, others are not, and the outage is logged once', async () => {
  const [known, stranger] = [await signer('known'), await signer('stranger')];
  await using issuer = await Issuer.start(known.jwk);
  await using world = await worldOf(issuer, { cacheMs: 60_000, believedMs: 600_000 });
  const edge = await world.edge();
  await letsIn(world, edge, await known.sign());
  issuer.away = '500';
  for (const ms of [61_000, 300_000]) {
    later(ms);
    await letsIn(world, edge, await known.sign());
    expect(await codeOf(world, edge, await stranger.sign())).toBe(1013);
  }
  expect(said(world, 'gives no keys')).toBe(1);
  later(300_000);
  expect(await codeOf(world, edge, await known.sign())).toBe(1013);
  issuer.away = 'no';
  await letsIn(world, edge, await known.sign());
  expect(await codeOf(world, edge, await stranger.sign())).toBe(4500);
  expect([said(world, 'gives no keys'), said(world, 'gives keys again')]).toEqual([1, 1]);
});

test('a token that is bad is refused for good, whether its issuer is there or away', async () => {
  const [known, forger] = [await signer('known'), await signer('known')];
  await using issuer = await Issuer.start(known.jwk);
  await using world = await worldOf(issuer, { cacheMs: 60_000 });
  const edge = await world.edge();
  const bad = [await forger.sign(), 'rubbish'];
  for (const token of [...bad, await known.sign(-60)]) expect(await codeOf(world, edge, token)).toBe(4500);
  issuer.away = '500';
  later(61_000);
  for (const token of [...bad, await known.sign(-60)]) expect(await codeOf(world, edge, token)).toBe(4500);
});

test('an issuer that is away is asked no more often than it may be, and nobody who is known waits for it', async () => {
  const [known, stranger] = [await signer('known'), await signer('stranger')];
  await using issuer = await Issuer.start(known.jwk);
  await using world = await worldOf(issuer, { cacheMs: 60_000, cooldownMs: 5_000, timeoutMs: 600_000 });
  const edge = await world.edge();
  await letsIn(world, edge, await known.sign());
  issuer.away = '500';
  later(61_000);
  await letsIn(world, edge, await known.sign());
  const { asked } = issuer;
  for (let n = 0; n < 5; n += 1) {
    await letsIn(world, edge, await known.sign());
    expect(await codeOf(world, edge, await stranger.sign())).toBe(1013);
  }
  expect(issuer.asked).toBe(asked);
  later(6_000);
  issuer.away = 'silent';
  await letsIn(world, edge, await known.sign());
});

test('a refresh that cannot be checked may be tried again, and the session goes on', async () => {
  const [known, next] = [await signer('known'), await signer('next')];
  await using issuer = await Issuer.start(known.jwk);
  await using world = await worldOf(issuer);
  const client = await letsIn(world, await world.edge(), await known.sign());
  issuer.away = '500';
  const refresh = { type: 'refresh', token: await next.sign(600) };
  client.say(refresh);
  expect(await client.next('error')).toMatchObject({ code: 'unavailable', retryAfterMs: expect.any(Number) as number });
  client.say({ type: 'nonsense' });
  expect(await client.next('error')).toMatchObject({ code: 'unknown_type' });
  issuer.away = 'no';
  issuer.keys = [known.jwk, next.jwk];
  client.say(refresh);
  // It has no ear for another one until that is judged.
  do client.say({ type: 'refresh', token: 'rubbish' });
  while ((await client.next('error')).code === 'rate_limited');
  // The first token has ended, and 30 s beside; the second has not.
  later(120_000);
  client.say({ type: 'nonsense' });
  expect(await client.next('error')).toMatchObject({ code: 'unknown_type' });
});
