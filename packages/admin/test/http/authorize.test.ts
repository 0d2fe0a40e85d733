import type * as Crypto from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { expect, test, vi } from 'vitest';

const compared: [Buffer, Buffer][] = [];
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof Crypto>();
  const timingSafeEqual = (one: Buffer, two: Buffer): boolean => {
    compared.push([one, two]);
    return crypto.timingSafeEqual(one, two);
  };
  return { ...crypto, timingSafeEqual };
});
const { authorizer } = await import('../../src/http/authorize.ts');

const token = 'an-admin-token-of-this-test-run';
const isAuthorized = authorizer(token);
const asks = (authorization?: string) => isAuthorized({ headers: { authorization } } as IncomingMessage);

test('only the token itself gets in', () => {
  expect(asks(`Bearer ${token}`)).toBe(true);
  expect(asks(`bearer ${token}`)).toBe(true);
  for (const wrong of [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Basic ${token}`,
    token,
    `Bearer ${token}x`,
    `x Bearer ${token}`,
  ])
    expect([wrong, asks(wrong)]).toEqual([wrong, false]);
  expect(asks(`Bearer ${'x'.repeat(2_000)}`)).toBe(false);
});

test('whatever is given is compared in constant time, as digests of one length', () => {
  compared.length = 0;
  for (const given of ['x', token.slice(0, -1), 'x'.repeat(500)]) asks(`Bearer ${given}`);
  expect(compared.map(([one, two]) => [one.length, two.length])).toEqual([
    [32, 32],
    [32, 32],
    [32, 32],
  ]);
});
