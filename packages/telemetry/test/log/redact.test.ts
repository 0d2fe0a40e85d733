import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactSecrets } from '../../src/index.ts';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJl';
const PEM = '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIH\n+abc/def==\n-----END PRIVATE KEY-----';

describe('what leaves the process', () => {
  test.each([
    ['a member by its name', '{"password":"s3cret-value"}'],
    ['a member by the end of its name', '{"REVEILLE_JWT_SECRET":"s3cret-value"}'],
    ['a key in camel case', '{"apiKey":"s3cret-value"}'],
    ['a key in capitals', '{"OPENAI_API_KEY":"s3cret-value"}'],
    ['a header', '{"headers":{"Authorization":"s3cret-value"}}'],
    ['several cookies', '{"set-cookie":["s3cret-value=1","b"]}'],
    ['a value with escaped quotes', JSON.stringify({ token: 'a"s3cret-value' })],
    ['a member of a quoted body', JSON.stringify({ msg: 'got {"token": "s3cret-value"}' })],
    ['an assignment', 'started with REPORT_TOKEN=s3cret-value PORT=1'],
    ['a query', 'GET /connect?access_token=s3cret-value&x=1'],
    ['a password in a URL', 'redis://user:s3cret-value@h:1'],
    ['a bearer', 'sent Bearer s3cret-value-0123456789'],
  ])('has no secret in %s', (_where, text) => {
    expect(redactSecrets(text)).toContain('[redacted]');
    expect(redactSecrets(text)).not.toContain('s3cret-value');
  });

  test('has no JSON web token and no private key, wherever they stand', () => {
    expect(redactSecrets(`token was ${JWT}.`)).toBe('token was [redacted].');
    expect(redactSecrets(`key: ${PEM} end`)).toBe('key: [redacted] end');
    const line = JSON.parse(redactSecrets(JSON.stringify({ text: `x ${PEM} y`, cut: PEM.slice(0, 50) })));
    expect(line).toEqual({ text: 'x [redacted] y', cut: '[redacted]' });
  });

  test('keeps what only looks like a secret', () => {
    const kept = JSON.stringify({
      inputTokens: 5,
      tokens: '12',
      scopeKey: 'abc',
      publicKey: 'MCow',
      key: 'chat~global',
      epochToken: 17,
      url: 'https://example.org:8080/@x',
      msg: 'the basic idea; a bearer of news; secret keys?',
    });
    expect(redactSecrets(kept)).toBe(kept);
    expect(redactSecrets('scopeKey=global')).toBe('scopeKey=global');
  });

  test('stays JSON whatever is in it', () => {
    const names = fc.constantFrom('token', 'password', 'msg', 'apiKey', 'authorization', 'scopeKey', 'cookie');
    const hostile = fc.constantFrom(
      '"',
      '\\',
      '\\"',
      'token=',
      '"token":"',
      '-----BEGIN PRIVATE KEY-----',
      'a://b:c@',
      JWT,
    );
    const text = fc.array(fc.oneof(fc.string(), hostile), { maxLength: 6 }).map((parts) => parts.join(''));
    const value = fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.integer(), fc.dictionary(names, text));
    fc.assert(
      fc.property(fc.dictionary(names, value), (fields) => {
        const once = redactSecrets(JSON.stringify(fields));
        expect(Object.keys(JSON.parse(once) as object)).toEqual(Object.keys(fields));
        const twice = redactSecrets(JSON.stringify({ msg: JSON.stringify(fields) }));
        expect(() => JSON.parse(twice) as unknown).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });

  test('is searched in time that grows with its length only', () => {
    const evil = ['a', 'eyJ-', 'a://', '"token":"', 'token', '-----BEGIN PRIVATE KEY-----', 'a.b-', 'bearer ', '\\"'];
    const elapsedMs = (text: string): number => {
      const from = performance.now();
      redactSecrets(text);
      return performance.now() - from;
    };
    // Quadratic search of these takes far longer.
    for (const part of evil) expect(elapsedMs(part.repeat(100_000 / part.length)), part).toBeLessThan(5_000);
  });
});
