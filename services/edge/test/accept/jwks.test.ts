import { createLogger } from '@reveille/telemetry';
import { expect, test } from 'vitest';
import { createAuthenticate } from '../../src/accept/authenticate.ts';
import { Issuer, signer } from '../harness/issuer.ts';

function authenticateBy(issuer: Issuer, more: Parameters<Issuer['auth']>[0] = {}) {
  return createAuthenticate(issuer.auth(more), createLogger({ name: 'edge', level: 'silent' }))!;
}

test('keys are fetched once for many tokens, and again when a token names one that is new', async () => {
  const [old, young] = [await signer('old'), await signer('young', 'EdDSA')];
  await using issuer = await Issuer.start(old.jwk);
  const authenticate = authenticateBy(issuer, { cooldownMs: 0 });
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
  const authenticate = authenticateBy(issuer);
  const forged = await stranger.sign();
  for (let n = 0; n < 20; n += 1)
    expect(await authenticate(forged)).toEqual({ refused: 'no known key signed the token' });
  expect(issuer.asked).toBeLessThanOrEqual(2);
});

test('a key that its issuer withdrew is believed no longer than it is cached', async () => {
  const [leaked, next] = [await signer('leaked'), await signer('next')];
  await using issuer = await Issuer.start(leaked.jwk);
  const authenticate = authenticateBy(issuer, { cacheMs: 1, cooldownMs: 0 });
  const token = await leaked.sign();
  expect(await authenticate(token)).toMatchObject({ user: 'ada' });
  issuer.keys = [next.jwk];
  await expect.poll(() => authenticate(token)).toEqual({ refused: 'no known key signed the token' });
});

test('clocks may differ by 30 s, and no more', async () => {
  const one = await signer('one');
  await using issuer = await Issuer.start(one.jwk);
  const authenticate = authenticateBy(issuer);
  expect(await authenticate(await one.sign(-20))).toMatchObject({ user: 'ada' });
  expect(await authenticate(await one.sign(-40))).toEqual({ refused: 'the token has expired' });
});

test('a token that is valid for longer than allowed is refused, since nothing could revoke it', async () => {
  const one = await signer('one');
  await using issuer = await Issuer.start(one.jwk);
  const authenticate = authenticateBy(issuer, { longestMs: 600_000 });
  expect(await authenticate(await one.sign(600))).toMatchObject({ user: 'ada' });
  expect(await authenticate(await one.sign(3_600))).toEqual({ refused: 'the token is valid for longer than 600 s' });
});
