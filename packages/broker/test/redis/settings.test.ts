import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisAccess, redisSettingFaults, redisSettings, sessionsPlaceOf } from '@reveille/broker';
import { makeCertificates } from '@reveille/broker/shapes';
import { type ConfigError, loadConfig } from '@reveille/lifecycle';
import { expect, test } from 'vitest';

const read = (env: Record<string, string>) => loadConfig(env, redisSettings, [redisSettingFaults]);

function reportOf(env: Record<string, string>, reader: (env: Record<string, string>) => unknown = read): string {
  try {
    reader(env);
  } catch (error) {
    return (error as ConfigError).report;
  }
  throw new Error('it was not refused');
}

test('the files of TLS are read, and what is no PEM file is refused', async () => {
  await using cleanup = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'reveille-settings-'));
  cleanup.defer(() => rm(dir, { recursive: true, force: true }));
  const { ca, cert, key } = await makeCertificates(dir);
  const env = { REDIS_URL: 'rediss-cluster://a,b', REDIS_TLS_CA: ca, REDIS_TLS_CERT: cert, REDIS_TLS_KEY: key };
  const [caText, certText, keyText] = await Promise.all([ca, cert, key].map((file) => readFile(file, 'utf8')));
  expect(redisAccess(read(env)).tls).toEqual({ ca: caText, cert: certText, key: keyText });

  const text = join(dir, 'notes.txt');
  await writeFile(text, 'not a certificate');
  expect(reportOf({ ...env, REDIS_TLS_CA: text })).toMatch(/REDIS_TLS_CA +found .*PEM file with a CERTIFICATE/);
  expect(reportOf({ ...env, REDIS_TLS_KEY: join(dir, 'absent') })).toMatch(/REDIS_TLS_KEY/);
  expect(reportOf({ REDIS_URL: 'rediss://a', REDIS_TLS_CERT: cert })).toMatch(/REDIS_TLS_CERT alone/);
  expect(reportOf({ ...env, REDIS_URL: 'redis://a' })).toMatch(/REDIS_URL +found redis:\/\/, and a certificate/);
});

test('the Redis of sessions has the same variables under its own names, and none of them without its URL', () => {
  const url = 'redis-sentinel://a,b/sessions';
  const env = {
    REVEILLE_SESSIONS_REDIS_URL: url,
    REVEILLE_SESSIONS_REDIS_USERNAME: 'u',
    REVEILLE_SESSIONS_REDIS_PASSWORD: 'p',
    REVEILLE_SESSIONS_REDIS_SENTINEL_PASSWORD: 'q',
    REVEILLE_SESSIONS_BYTES: '2000000',
  };
  expect(sessionsPlaceOf(env)).toMatchObject({
    url,
    bytes: 2_000_000,
    access: { username: 'u', password: 'p', sentinelPassword: 'q' },
  });
  expect(sessionsPlaceOf({})).toMatchObject({ url: undefined, bytes: 1_073_741_824 });
  const { REVEILLE_SESSIONS_REDIS_URL: _, ...without } = env;
  expect(reportOf(without, sessionsPlaceOf)).toMatch(/REVEILLE_SESSIONS_REDIS_URL +found absent/);
  expect(reportOf({ REVEILLE_SESSIONS_BYTES: '1000' }, sessionsPlaceOf)).toMatch(/REVEILLE_SESSIONS_BYTES/);
});
