import { ConfigError } from '@reveille/lifecycle';
import { expect, test } from 'vitest';
import { edgeConfig } from '../src/index.ts';

const good = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  REVEILLE_CATALOG: 'reveille.yaml',
  REVEILLE_JWT_SECRET: 'x'.repeat(32),
  REVEILLE_EDGE_SIGNING_KEY: Buffer.alloc(32, 1).toString('base64url'),
};

function faultsOf(env: Record<string, string>): string[] {
  try {
    edgeConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map(({ name }) => name);
  }
}

test('defaults: all interfaces on 8080, health on 9090, tokens asked for', () => {
  expect(edgeConfig(good)).toMatchObject({
    port: 8080,
    healthPort: 9090,
    host: undefined,
    namespace: 'reveille',
    auth: { kind: 'secret' },
  });
});

test('every fault is reported at once, and secrets never are', () => {
  const env = {
    PORT: 'x',
    REVEILLE_EDGE_SIGNING_KEY: 'not-a-key',
    REVEILLE_JWT_SECRET: 'short',
    REVEILLE_TRUSTED_PROXIES: '10.0.0.0/99',
  };
  expect(faultsOf(env).toSorted()).toEqual(
    [
      'PORT',
      'REDIS_URL',
      'REVEILLE_CATALOG',
      'REVEILLE_EDGE_SIGNING_KEY',
      'REVEILLE_JWT_SECRET',
      'REVEILLE_TRUSTED_PROXIES',
    ].toSorted(),
  );
  expect(() => edgeConfig(env)).toThrow(expect.not.objectContaining({ message: expect.stringContaining('not-a-key') }));
});

test('exactly one of secret and JWKS address is asked for', () => {
  const { REVEILLE_JWT_SECRET: _, ...neither } = good;
  expect(faultsOf(neither)).toEqual(['REVEILLE_JWT_SECRET and REVEILLE_JWKS_URL']);
  expect(faultsOf({ ...good, REVEILLE_JWKS_URL: 'https://id.example/jwks' })).toEqual([
    'REVEILLE_JWT_SECRET and REVEILLE_JWKS_URL',
  ]);
  expect(edgeConfig({ ...neither, REVEILLE_JWKS_URL: 'https://id.example/jwks' }).auth).toMatchObject({ kind: 'jwks' });
});

test('a JWKS address with a password in it is refused, since nobody would ever get keys from it', () => {
  const { REVEILLE_JWT_SECRET: _, ...rest } = good;
  const env = { ...rest, REVEILLE_JWKS_URL: 'https://ada:planted@id.example/jwks' };
  expect(faultsOf(env)).toEqual(['REVEILLE_JWKS_URL']);
  expect(() => edgeConfig(env)).toThrow(expect.not.objectContaining({ message: expect.stringContaining('planted') }));
  expect(faultsOf({ ...rest, REVEILLE_JWKS_URL: 'https://a:1,b:2/jwks' })).toEqual(['REVEILLE_JWKS_URL']);
});

test('without authentication only loopback may be listened on', () => {
  const { REVEILLE_JWT_SECRET: _, ...rest } = good;
  expect(edgeConfig({ ...rest, REVEILLE_AUTH: 'none' }).host).toBe('127.0.0.1');
  expect(faultsOf({ ...rest, REVEILLE_AUTH: 'none', HOST: '0.0.0.0' })).toEqual(['HOST']);
});
