import { describe, expect, it } from 'vitest';
import { createRedactor, secretsOf } from '../../src/log/redact.ts';

function redact(environment: Record<string, string>, text: string): string {
  return createRedactor(secretsOf(environment))(text);
}

describe('secrets of the environment in a log', () => {
  it('are replaced by the name of their variable', () => {
    const environment = {
      REVEILLE_INSTANCE_KEY: 'instance-key',
      REVEILLE_REPORT_TOKEN: 'report-token',
      db_password: 'p.a$s(w)ord',
      LOG_LEVEL: 'information',
    };
    expect(redact(environment, 'instance-key report-token p.a$s(w)ord information')).toBe(
      '[redacted] [redacted] [redacted] information',
    );
  });

  it('are whole even when one holds another', () => {
    expect(redact({ A_KEY: 'abcdef', B_KEY: 'abcdefghi' }, 'abcdefghi abcdef')).toBe('[redacted] [redacted]');
  });

  it('are found as they look inside JSON and URLs', () => {
    const environment = { A_SECRET: 'quo"te/d', DATABASE_URL: 'postgres://me:pass%2Fword@db/x' };
    const text = `${JSON.stringify({ secret: 'quo"te/d' })} ?s=${encodeURIComponent('quo"te/d')} pass/word pass%2Fword`;
    expect(redact(environment, text)).toBe('{"secret":"[redacted]"} ?s=[redacted] [redacted] [redacted]');
  });

  it('are found line by line when they have several', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----\n';
    expect(redact({ SIGNING_KEY: key }, 'line MC4CAQAwBQYDK2Vw')).toBe('line [redacted]');
  });

  it('are the passwords in URLs, too, when all of a text is a secret', () => {
    const named = ['postgres://me:pass%2Fword@db/x'];
    expect(createRedactor(secretsOf({}, named))('at postgres://me:pass%2Fword@db/x with pass/word')).toBe(
      'at [redacted] with [redacted]',
    );
  });

  it('are left alone when they are too short to be any', () => {
    expect(redact({ USE_TOKEN: 'true' }, 'it is true')).toBe('it is true');
  });
});
