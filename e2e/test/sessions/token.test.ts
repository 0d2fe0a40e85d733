import { randomBytes } from 'node:crypto';
import { connect, type ReveilleClient } from '@reveille/client';
import { SignJWT } from 'jose';
import { expect, inject, test } from 'vitest';
import { Cluster, runs } from '../../src/cluster.ts';

const catalog = `
version: 1
services:
  insider: { scope: tenant, start: { ${runs('insider')} } }
entrypoints:
  chat: { service: insider, upstream: { websocket: { path: /session } }, deadlineMs: 120000 }
`;
const lifeMs = 3_000;

test('a session outlives its tokens when the client has a provider, and each message has the rights of the newest', async () => {
  const secret = randomBytes(32).toString('base64url');
  const env = { REVEILLE_AUTH: 'jwt', REVEILLE_JWT_SECRET: secret };
  await using cluster = await Cluster.start({ redisUrl: inject('redisUrl'), catalog, env });
  const url = (await cluster.of('edge')[0]?.url()) ?? '';
  const given: string[][] = [];
  const token = (roles: string[]): Promise<string> => {
    given.push(roles);
    const claims = new SignJWT({ tenant: 'acme', roles }).setProtectedHeader({ alg: 'HS256' }).setSubject('ada');
    // Not whole seconds: the life of a token begins when it is made.
    const now = Date.now() / 1000;
    return claims
      .setIssuedAt(now)
      .setExpirationTime(now + lifeMs / 1000)
      .sign(Buffer.from(secret));
  };
  // The service runs before any token begins to end.
  await using early = connect({ url, entrypoint: 'chat', token: await token([]) });
  await early.ready();
  early.close();

  given.length = 0;
  const rolesOf = [['admin', 'user'], ['user']];
  await using renewing = connect({ url, entrypoint: 'chat', token: () => token(rolesOf[given.length] ?? ['user']) });
  const welcomed: string[] = [];
  renewing.on('welcome', ({ session }) => welcomed.push(session));
  expect(await asked(renewing)).toEqual({ user: 'ada', roles: ['admin', 'user'] });
  await using holding = connect({ url, entrypoint: 'chat', token: await token([]), reconnect: false });
  expect(await holding.closed).toMatchObject({ code: 4005 });

  expect(await asked(renewing)).toEqual({ user: 'ada', roles: ['user'] });
  expect(welcomed).toHaveLength(1);
});

async function asked(client: ReveilleClient): Promise<unknown> {
  const [answer] = await Array.fromAsync(client.ask('who am I?'));
  return answer?.data;
}
