import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisAccess, redisSettingFaults, redisSettings } from '@reveille/broker';
import { makeCertificates } from '@reveille/broker/shapes';
import { type ConfigError, loadConfig } from '@reveille/lifecycle';
import { expect, test } from 'vitest';

const read = (env: Record<string, string>) => loadConfig(env, redisSettings, [redisSettingFaults]);

function reportOf(env: Record<string, string>): string {
  try {
    read(env);
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
