import { generateKeyPair, exportJWK, SignJWT } from 'jose';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import { World } from '../harness/world.ts';

const secret = 's'.repeat(40);
const auth = { kind: 'secret', secret, issuer: 'us', audience: 'reveille' } as const;

type Claims = { sub?: string; tenant?: unknown; roles?: unknown; iss?: string; aud?: string; exp?: number | string };

async function token(claims: Claims = {}, key: Uint8Array = Buffer.from(secret), alg = 'HS256'): Promise<string> {
  const { sub = 'ada', iss = 'us', aud = 'reveille', exp = '1h', ...rest } = claims;
  return new SignJWT({ tenant: 'acme', ...rest })
    .setProtectedHeader({ alg })
    .setSubject(sub)
    .setIssuer(iss)
    .setAudience(aud)
    .setExpirationTime(exp)
    .sign(key);
}

function unsigned(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return `${part({ alg: 'none' })}.${part({ sub: 'ada', tenant: 'acme', iss: 'us', aud: 'reveille', exp })}.`;
}

async function closeCode(hello: object | undefined, headers: Record<string, string> = {}): Promise<number> {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog(), config: { auth } });
  const edge = await world.edge();
  const client = await world.client(edge, { headers });
  if (hello !== undefined) client.hello(hello);
  return (await client.closed).code;
}

test('a good token in the first frame or on the upgrade is welcome', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog(), config: { auth } });
  const edge = await world.edge();
  const inFrame = await world.client(edge);
  inFrame.hello({ token: await token() });
  expect(await inFrame.next('welcome')).toMatchObject({
    user: 'ada',
    tenant: 'acme',
    resumed: false,
    heartbeatMs: 15_000,
  });
  const onUpgrade = await world.client(edge, { headers: { authorization: `Bearer ${await token({ sub: 'bob' })}` } });
  onUpgrade.hello();
  expect((await onUpgrade.next('welcome')).user).toBe('bob');
});

const bad: [string, () => string | Promise<string>][] = [
  ['alg: none', unsigned],
  ['signed with another secret', () => token({}, Buffer.from('f'.repeat(40)))],
  ['signed with another algorithm', () => token({}, Buffer.from(secret.repeat(2)), 'HS512')],
  ['expired', () => token({ exp: Math.floor(Date.now() / 1000) - 60 })],
  ['of another issuer', () => token({ iss: 'them' })],
  ['for another audience', () => token({ aud: 'elsewhere' })],
  ['rubbish', () => 'rubbish'],
  ['with control characters in its subject', () => token({ sub: 'ada\u0000; rm -rf /' })],
  ['with a tenant that is no text', () => token({ tenant: { $ne: 1 } })],
];
test.each(bad)('a token that is %s closes 4500', async (_, make) => {
  const made = await make();
  expect(await closeCode({ token: made })).toBe(4500);
  expect(await closeCode({}, { authorization: `Bearer ${made}` })).toBe(4500);
});

test('no token closes 4500, and `as` opens nothing where tokens are asked for', async () => {
  expect(await closeCode({})).toBe(4500);
  expect(await closeCode({ as: { user: 'root', tenant: 'acme' } })).toBe(4500);
});

test('an entrypoint of tenant scope refuses a token without tenant: 4509', async () => {
  expect(await closeCode({ token: await token({ tenant: undefined }) })).toBe(4509);
});

test('keys from a JWKS address: asymmetric algorithms only, and a public key is no shared secret', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  const server = createServer((_, response) =>
    response.end(JSON.stringify({ keys: [{ ...jwk, kid: 'one', alg: 'ES256' }] })),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  try {
    await using world = await World.create({
      on: 'memory',
      catalog: chatCatalog(),
      config: { auth: { kind: 'jwks', url } },
    });
    const edge = await world.edge();
    const good = await world.client(edge);
    const signed = await new SignJWT({ tenant: 'acme' })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setSubject('ada')
      .setExpirationTime('1h')
      .sign(privateKey);
    good.hello({ token: signed });
    await good.next('welcome');
    const forged = await world.client(edge);
    forged.hello({ token: await token({}, Buffer.from(JSON.stringify(jwk))) });
    expect((await forged.closed).code).toBe(4500);
  } finally {
    server.close();
  }
});

test('a token that runs out closes 4005, unless it was renewed by one of the same user and tenant', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog(), config: { auth } });
  const edge = await world.edge();
  const soon = Math.floor(Date.now() / 1000) + 2;
  const [renewing, idle] = [await world.client(edge), await world.client(edge)];
  renewing.hello({ token: await token({ exp: soon }) });
  idle.hello({ token: await token({ sub: 'bob', exp: soon }) });
  await renewing.next('welcome');
  renewing.say({ type: 'refresh', token: await token({ sub: 'mallory' }) });
  expect(await renewing.next('error')).toMatchObject({ code: 'bad_frame' });
  renewing.say({ type: 'refresh', token: await token({ tenant: 'other' }) });
  expect(await renewing.next('error')).toMatchObject({ code: 'bad_frame' });
  renewing.say({ type: 'refresh', token: await token() });
  expect((await idle.closed).code).toBe(4005);
  renewing.say({ type: 'nonsense' });
  expect(await renewing.next('error')).toMatchObject({ code: 'unknown_type' });
});

test('an unknown entrypoint is accepted and closed 4505, a missing subprotocol 4506', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const edge = await world.edge();
  for (const entrypoint of ['nowhere', 'constructor', '__proto__'])
    expect((await (await world.client(edge, { entrypoint })).closed).code).toBe(4505);
  expect((await (await world.client(edge, { protocols: [] })).closed).code).toBe(4506);
});

test('a foreign origin closes 4509; without authentication any page from elsewhere is foreign', async () => {
  await using world = await World.create({
    on: 'memory',
    catalog: chatCatalog({ allowedOrigins: ['https://app.example.com'] }),
  });
  const edge = await world.edge();
  expect((await (await world.client(edge, { headers: { origin: 'https://evil.example' } })).closed).code).toBe(4509);
  const own = await world.client(edge, { headers: { origin: 'https://app.example.com' } });
  own.hello();
  await own.next('welcome');
  await using open = await World.create({ on: 'memory', catalog: chatCatalog() });
  const development = await open.edge();
  expect((await (await open.client(development, { headers: { origin: 'https://evil.example' } })).closed).code).toBe(
    4509,
  );
  const local = await open.client(development, { headers: { origin: 'http://localhost:5173' } });
  local.hello();
  expect(await local.next('welcome')).toMatchObject({ user: 'dev', tenant: 'dev' });
});

test('ids with control characters are refused in words', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const edge = await world.edge();
  const client = await world.client(edge);
  client.hello({ as: { user: 'ada\u001b[2J' } });
  expect((await client.next('error')).message).toContain('control characters');
  expect((await client.closed).code).toBe(4500);
});

test('who says no hello in time is closed 4500', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog(), timings: { helloMs: 50 } });
  const edge = await world.edge();
  expect((await (await world.client(edge)).closed).code).toBe(4500);
});

test('a client that answers no ping is closed 4012; one that does stays', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog(), timings: { heartbeatMs: 60 } });
  const edge = await world.edge();
  const mute = await world.client(edge, { mute: true });
  mute.hello();
  const alive = await world.user(edge, 'bob');
  expect((await mute.closed).code).toBe(4012);
  await alive.next('ping');
  await alive.next('ping');
  await alive.next('ping');
});

test('the limit of connections of a user holds over two edges, and a place is free again when a socket closes', async () => {
  await using world = await World.create({ catalog: chatCatalog({ limits: { connectionsPerUser: 2 } }) });
  const [one, two] = [await world.edge(), await world.edge()];
  const first = await world.user(one);
  await world.user(two);
  const third = await world.client(two);
  third.hello({ as: { user: 'ada', tenant: 'acme' } });
  expect((await third.closed).code).toBe(4504);
  await world.user(two, 'ada', 'other-tenant');
  await first[Symbol.asyncDispose]();
  for (;;) {
    const again = await world.client(one);
    again.hello({ as: { user: 'ada', tenant: 'acme' } });
    const outcome = await Promise.race([
      again.closed.then(({ code }) => code),
      again.next('welcome').then(
        () => 0,
        () => -1,
      ),
    ]);
    if (outcome === 0) break;
    expect([4504, -1]).toContain(outcome);
  }
});

test('who comes back before his lost socket was missed takes its place, and is not one too many', async () => {
  await using world = await World.create({ catalog: chatCatalog({ limits: { connectionsPerUser: 1 } }) });
  const [one, two] = [await world.edge(), await world.edge()];
  const lost = await world.user(one);
  const { session, resumeKey } = lost.of('welcome')[0]!;
  const back = await world.client(two);
  back.hello({ as: { user: 'ada', tenant: 'acme' }, resume: { session, key: resumeKey, lastSeq: 0 } });
  expect(await back.next('welcome')).toMatchObject({ resumed: true, session });
});

test('limits per client address hold, and believe forwarded addresses only from trusted proxies', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const edge = await world.edge({ connectionsPerAddress: 1, trustedProxies: ['127.0.0.0/8'] });
  const open = (address: string) => world.client(edge, { headers: { 'x-forwarded-for': `6.6.6.6, ${address}` } });
  await open('10.0.0.1');
  await open('10.0.0.2');
  const { WebSocket } = await import('ws');
  const refused = new WebSocket(`${edge.url}/v1/connect/chat`, 'reveille.v1', {
    headers: { 'x-forwarded-for': '10.0.0.1' },
  });
  const status = await new Promise((resolve) =>
    refused.once('unexpected-response', (_, response) => resolve(response.statusCode)),
  );
  refused.on('error', () => undefined);
  refused.terminate();
  expect(status).toBe(429);
});
