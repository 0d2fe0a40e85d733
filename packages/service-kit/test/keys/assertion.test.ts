import { createHmac, randomBytes, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { edgePublicKey, edgeSigningKey, signAssertion, verifyAssertion } from '../../src/keys/index.ts';

const key = edgeSigningKey(randomBytes(32).toString('base64url'));
const other = edgeSigningKey(randomBytes(32).toString('base64url'));
const now = 1_800_000_000_000;
const fields = { key, subject: 'ada', session: 's1', audience: 'bridge~global', ttlSeconds: 30, now };
const expected = { audience: 'bridge~global', now };
const jwt = signAssertion({ ...fields, tenant: 'acme', roles: ['operator'] });

describe('the assertion of an edge', () => {
  it('says who is behind a session, whatever characters the ids have', () => {
    const text = fc.string({ minLength: 1, maxLength: 64, unit: 'grapheme' });
    fc.assert(
      fc.property(text, fc.option(text, { nil: undefined }), text, (subject, tenant, session) => {
        const made = signAssertion({ ...fields, subject, tenant, session });
        expect(verifyAssertion(made, edgePublicKey(key), expected)).toEqual({
          sub: subject,
          sid: session,
          ...(tenant === undefined ? {} : { tenant }),
        });
      }),
      { numRuns: 50 },
    );
  });

  it('is valid by any of several keys', () => {
    const keys = `${edgePublicKey(other)} ${edgePublicKey(key)}`;
    expect(verifyAssertion(jwt, keys, expected)).toEqual({
      sub: 'ada',
      tenant: 'acme',
      sid: 's1',
      roles: ['operator'],
    });
  });

  it.each([
    ['another key', verifyAssertion(jwt, edgePublicKey(other), expected), /signature/],
    ['another audience', verifyAssertion(jwt, edgePublicKey(key), { audience: 'bridge~other', now }), /audience/],
    ['expiry', verifyAssertion(jwt, edgePublicKey(key), { ...expected, now: now + 36_000 }), /expired/],
    ['a time to come', verifyAssertion(jwt, edgePublicKey(key), { ...expected, now: now - 6000 }), /future/],
    ['a changed claim', verifyAssertion(tampered(), edgePublicKey(key), expected), /signature/],
    ['alg none', verifyAssertion(unsigned(), edgePublicKey(key), expected), /EdDSA/],
    ['alg HS256 with the public key as secret', verifyAssertion(hmac(), edgePublicKey(key), expected), /EdDSA/],
    ['a life of more than 60 s', verifyAssertion(long(), edgePublicKey(key), expected), /too long/],
    ['more parts', verifyAssertion(`${jwt}.x`, edgePublicKey(key), expected), /not a JWT/],
    ['great length', verifyAssertion('x'.repeat(9000), edgePublicKey(key), expected), /not a JWT/],
  ])('is refused for %s', (_what, result, why) => {
    expect(result).toEqual({ refused: expect.stringMatching(why) });
  });

  it('never throws on rubbish', () => {
    const part = fc.oneof(
      fc.string(),
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part, { maxLength: 5 }).map((parts) => parts.join('.')),
        ),
        (text) => {
          expect(verifyAssertion(text, edgePublicKey(key), expected)).toHaveProperty('refused');
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is not made for more than 60 s', () => {
    for (const ttlSeconds of [0, 61, Number.NaN])
      expect(() => signAssertion({ ...fields, ttlSeconds })).toThrow(RangeError);
  });
});

function tampered(): string {
  const [head, claims, signature] = jwt.split('.');
  const changed = { ...JSON.parse(Buffer.from(claims ?? '', 'base64url').toString()), sub: 'eve' };
  return `${head}.${encode(changed)}.${signature}`;
}

function unsigned(): string {
  return `${encode({ alg: 'none' })}.${jwt.split('.')[1]}.`;
}

function hmac(): string {
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${jwt.split('.')[1]}`;
  return `${signed}.${createHmac('sha256', edgePublicKey(key)).update(signed).digest('base64url')}`;
}

function long(): string {
  const iat = now / 1000;
  const signed = `${encode({ alg: 'EdDSA' })}.${encode({ sub: 'a', sid: 's', aud: 'bridge~global', iat, exp: iat + 61 })}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
