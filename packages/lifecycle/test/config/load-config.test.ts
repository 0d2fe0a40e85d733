import { describe, expect, test } from 'vitest';
import {
  ConfigError,
  boolean,
  durationMs,
  integer,
  list,
  loadConfig,
  oneOf,
  secret,
  setting,
  text,
  url,
} from '../../src/index.ts';

const SPEC = {
  port: integer('PORT', { default: 8080, min: 0, max: 65535 }),
  auth: oneOf('REVEILLE_AUTH', ['jwt', 'none'], { default: 'jwt' }),
  jwtSecret: secret('REVEILLE_JWT_SECRET', { minBytes: 32, optional: true }),
  jwksUrl: url('REVEILLE_JWKS_URL', { protocols: ['https:', 'http:'], optional: true }),
  redis: url('REDIS_URL', { protocols: ['redis:', 'rediss:'] }),
};

const CROSS_CHECKS = [
  (config: { auth: string; jwtSecret: string | undefined; jwksUrl: string | undefined }) =>
    config.auth === 'jwt' && config.jwtSecret === undefined && config.jwksUrl === undefined
      ? {
          name: 'REVEILLE_JWT_SECRET and REVEILLE_JWKS_URL',
          found: 'neither',
          expected: 'one of them with REVEILLE_AUTH=jwt',
        }
      : undefined,
];

function refusal(env: Record<string, string>): ConfigError {
  try {
    loadConfig(env, SPEC, CROSS_CHECKS);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('a configuration from the environment', () => {
  test('carries defaults, values and the absence of what is optional', () => {
    const config = loadConfig({ REDIS_URL: 'redis://localhost', REVEILLE_AUTH: 'none' }, SPEC, CROSS_CHECKS);
    expect(config).toEqual({
      port: 8080,
      auth: 'none',
      jwtSecret: undefined,
      jwksUrl: undefined,
      redis: 'redis://localhost',
    });
    const port: number = config.port;
    const auth: 'jwt' | 'none' = config.auth;
    // @ts-expect-error an optional setting may be undefined, and the type says so
    const never: string = config.jwtSecret;
    expect([port, auth, never]).toEqual([8080, 'none', undefined]);
  });

  test('counts an empty variable as unset, as OpenTelemetry does', () => {
    expect(loadConfig({ A: '' }, { a: integer('A', { default: 3 }) })).toEqual({ a: 3 });
    expect(() => loadConfig({ A: '' }, { a: integer('A') })).toThrow('A  found nothing; expected a whole number');
  });

  test('is refused with all its faults in one report, those of pairs included', () => {
    const error = refusal({ PORT: '80a' });
    expect(error.exitCode).toBe(2);
    expect(error.faults).toHaveLength(3);
    expect(error.report.split('\n')).toEqual([
      'Configuration refused: 3 settings are wrong.',
      '  PORT                                       found "80a"; expected a whole number from 0 to 65535',
      '  REDIS_URL                                  found nothing; expected a URL that starts with redis:// or rediss://',
      '  REVEILLE_JWT_SECRET and REVEILLE_JWKS_URL  found neither; expected one of them with REVEILLE_AUTH=jwt',
    ]);
  });

  test('does not blame a pair for a setting that is at fault itself', () => {
    const error = refusal({ REDIS_URL: 'redis://h', REVEILLE_JWT_SECRET: 'too-short' });
    expect(error.faults.map((fault) => fault.name)).toEqual(['REVEILLE_JWT_SECRET']);
  });

  test('lets an error of a cross check itself through', () => {
    const broken = () => {
      throw new TypeError('a mistake in the program');
    };
    expect(() => loadConfig({}, {}, [broken])).toThrow(TypeError);
  });

  test('takes several faults from one cross check', () => {
    const two = () => [
      { name: 'A', expected: 'x' },
      { name: 'B', expected: 'y' },
    ];
    expect(() => loadConfig({}, {}, [two])).toThrow('2 settings are wrong');
  });

  test('never repeats a secret or a password in a URL', () => {
    const { report } = refusal({
      REVEILLE_JWT_SECRET: 'hunter2',
      REDIS_URL: 'http://user:pa55word@h',
      REVEILLE_JWKS_URL: 'not a url pa55word@h',
    });
    expect(report).toContain('a value of 7 bytes');
    expect(report).toContain('"http://[hidden]@h"');
    expect(report).not.toMatch(/hunter2|pa55word|user/);
  });

  test('shows a refused value on one line and not endlessly', () => {
    const { report } = refusal({ REDIS_URL: `x\n${'y'.repeat(500)}` });
    expect(report).toContain('"x\\n');
    expect(report).toContain('(502 characters)');
    expect(report.length).toBeLessThan(600);
  });

  test('cannot be changed afterwards', () => {
    const config = loadConfig({}, { a: integer('A', { default: 3 }) }) as { a: number };
    expect(() => (config.a = 4)).toThrow(TypeError);
  });
});

describe('a kind of setting', () => {
  const accepted = [
    ['integer', integer('X', { min: -5, max: 5 }), '-5', -5],
    ['integer without bounds', integer('X'), '9007199254740991', 9007199254740991],
    ['boolean', boolean('X'), '0', false],
    ['boolean in words', boolean('X'), 'true', true],
    ['text with a pattern', text('X', { pattern: /[a-z]+|\d/, expected: 'a word' }), 'abc', 'abc'],
    ['list', list('X'), 'a, b,c', ['a', 'b', 'c']],
    ['list of judged items', list('X', { item: (s) => s.toUpperCase(), expected: 'a word' }), 'a,b', ['A', 'B']],
    ['duration in milliseconds', durationMs('X'), '1500', 1500],
    ['duration with a unit', durationMs('X'), '1.5s', 1500],
    ['duration in minutes', durationMs('X'), '2m', 120_000],
    ['secret', secret('X', { minBytes: 4 }), 'ÄÄ', 'ÄÄ'],
    ['URL of several hosts', url('X', { protocols: ['redis-sentinel:'] }), 'redis-sentinel://u:p@a:1,b:2/main', 'same'],
    ['URL', url('X'), 'https://a.example/x?y=1', 'same'],
  ] as const;
  test.each(accepted)('%s takes %s', (_kind, kind, raw, value) => {
    expect(loadConfig({ X: raw }, { x: kind }).x).toEqual(value === 'same' ? raw : value);
  });

  const refused = [
    ['integer below its bound', integer('X', { min: 0 }), '-1', 'at least 0'],
    ['integer above its bound', integer('X', { max: 9 }), '10', 'at most 9'],
    ['integer with blanks', integer('X'), ' 1', 'a whole number'],
    ['integer in hexadecimal', integer('X'), '0x10', 'a whole number'],
    ['integer with an exponent', integer('X'), '1e3', 'a whole number'],
    ['integer beyond what a number can hold', integer('X'), '9007199254740993', 'a whole number'],
    ['word of another case', oneOf('X', ['jwt', 'none']), 'JWT', 'one of "jwt", "none"'],
    ['boolean in another word', boolean('X'), 'yes', '"true" or "false"'],
    ['text that only partly matches', text('X', { pattern: /[a-z]+|\d/, expected: 'a word' }), 'abc1', 'a word'],
    ['list with a gap', list('X'), 'a,,b', 'a list separated by commas'],
    ['list with a wrong item', list('X', { item: () => undefined, expected: 'a CIDR' }), 'a', 'each a CIDR'],
    ['duration without a number', durationMs('X'), 's', 'a duration'],
    ['duration beyond its bound', durationMs('X', { max: 1000 }), '2s', 'from 0 to 1000 ms'],
    ['duration of a part of a millisecond', durationMs('X'), '0.5', 'a duration'],
    ['secret that is too short', secret('X', { minBytes: 5 }), 'ÄÄ', 'a secret of at least 5 bytes'],
    ['URL without a host', url('X'), 'redis://', 'a URL'],
    ['URL with one bad host of several', url('X'), 'redis-cluster://a:1,b:99999999', 'a URL'],
    ['URL with an empty host of several', url('X'), 'redis-cluster://a:1,,b:2', 'a URL'],
    ['URL of another protocol', url('X', { protocols: ['redis:'] }), 'rediss://h', 'starts with redis://'],
  ] as const;
  test.each(refused)('refuses %s', (_kind, kind, raw, expected) => {
    expect(() => loadConfig({ X: raw }, { x: kind })).toThrow(expected);
  });

  test('can be one of the program’s own', () => {
    const even = setting('X', {
      expected: 'an even number',
      parse: (raw) => (Number(raw) % 2 === 0 ? Number(raw) : undefined),
    });
    expect(loadConfig({ X: '4' }, { x: even })).toEqual({ x: 4 });
    expect(() => loadConfig({ X: '5' }, { x: even })).toThrow('found "5"; expected an even number');
  });
});
