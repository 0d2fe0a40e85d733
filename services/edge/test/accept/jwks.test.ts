import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { type AuthConfig, createAuthenticate } from '../../src/accept/authenticate.ts';

type Signer = { jwk: JWK; sign: (seconds?: number) => Promise<string> };

async function signer(kid: string, alg = 'ES256'): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const sign = (seconds = 60) =>
    new SignJWT({ tenant: 'acme' })
      .setProtectedHeader({ alg, kid })
      .setSubject('ada')
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
      .sign(privateKey);
  return { jwk: { ...(await exportJWK(publicKey)), kid, alg }, sign };
}

/** An issuer whose keys can be changed, and who counts how often it is asked. */
class Issuer implements AsyncDisposable {
  keys: JWK[] = [];
  asked = 0;
  status = 200;
  readonly #server = createServer((_, response) => {
    this.asked += 1;
    response.writeHead(this.status).end(JSON.stringify({ keys: this.keys }));
  });

  static async start(...keys: JWK[]): Promise<Issuer> {
    const issuer = new Issuer();
    issuer.keys = keys;
    await new Promise<void>((resolve) => issuer.#server.listen(0, '127.0.0.1', resolve));
    return issuer;
  }

  authenticate(more: Partial<Extract<AuthConfig, { kind: 'jwks' }>> = {}) {
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/jwks`;
    return createAuthenticate({ kind: 'jwks', url, ...more })!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

test('keys are fetched once for many tokens, and again when a token names one that is new', async () => {
  const [old, young] = [await signer('old'), await signer('young', 'EdDSA')];
  await using issuer = await Issuer.start(old.jwk);
  const authenticate = issuer.authenticate({ cooldownMs: 0 });
  const token = await old.sign();
  for (let n = 0; n < 20; n += 1) expect(await authenticate(token)).toMatchObject({ user: 'ada', tenant: 'acme' });
  expect(issuer.asked).toBe(1);
  issuer.keys = [old.jwk, young.jwk];
  expect(await authenticate(await young.sign())).toMatchObject({ user: 'ada' });
  expect(await authenticate(token)).toMatchObject({ user: 'ada' });
  expect(issuer.asked).toBe(2);
});

test('tokens of keys that nobody knows do not make the issuer be asked again and again', async () => {
  const [known, stranger] = [await signer('known'), await signer('stranger')];
  await using issuer = await Issuer.start(known.jwk);
  const authenticate = issuer.authenticate();
  const forged = await stranger.sign();
  for (let n = 0; n < 20; n += 1)
    expect(await authenticate(forged)).toEqual({ refused: 'no known key signed the token' });
  expect(issuer.asked).toBeLessThanOrEqual(2);
});

test('a key that its issuer withdrew is believed no longer than it is cached', async () => {
  const [leaked, next] = [await signer('leaked'), await signer('next')];
  await using issuer = await Issuer.start(leaked.jwk);
  const authenticate = issuer.authenticate({ cacheMs: 1, cooldownMs: 0 });
  const token = await leaked.sign();
  expect(await authenticate(token)).toMatchObject({ user: 'ada' });
  issuer.keys = [next.jwk];
  await expect.poll(() => authenticate(token)).toEqual({ refused: 'no known key signed the token' });
});

test('an issuer that is away refuses who comes, in words, and lets in again when it is back', async () => {
  const one = await signer('one');
  await using issuer = await Issuer.start(one.jwk);
  issuer.status = 500;
  const authenticate = issuer.authenticate({ cooldownMs: 0 });
  expect(await authenticate(await one.sign())).toHaveProperty('refused');
  issuer.status = 200;
  expect(await authenticate(await one.sign())).toMatchObject({ user: 'ada' });
});

test('clocks may differ by 30 s, and no more', async () => {
  const one = await signer('one');
  await using issuer = await Issuer.start(one.jwk);
  const authenticate = issuer.authenticate();
  expect(await authenticate(await one.sign(-20))).toMatchObject({ user: 'ada' });
  expect(await authenticate(await one.sign(-40))).toEqual({ refused: 'the token has expired' });
});

test('a token that is valid for longer than allowed is refused, since nothing could revoke it', async () => {
  const one = await signer('one');
  await using issuer = await Issuer.start(one.jwk);
  const authenticate = issuer.authenticate({ longestMs: 600_000 });
  expect(await authenticate(await one.sign(600))).toMatchObject({ user: 'ada' });
  expect(await authenticate(await one.sign(3_600))).toEqual({ refused: 'the token is valid for longer than 600 s' });
});
