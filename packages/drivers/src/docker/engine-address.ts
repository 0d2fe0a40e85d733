import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DriverError } from '@reveille/orchestration';

/** Where the Engine API answers, and how this process proves itself there. */
export type EngineAddress =
  | { kind: 'socket'; words: string; socketPath: string }
  | { kind: 'tcp'; words: string; host: string; port: number; tls: Tls | undefined };

type Tls = { ca: Buffer; cert: Buffer; key: Buffer };

/**
 * Reads `DOCKER_HOST` (`unix://PATH` or `tcp://HOST:PORT`), `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` (`ca.pem`, `cert.pem`, `key.pem`)
 * as the docker command does. Default: `unix:///var/run/docker.sock`.
 * @throws DriverError `driver_error` when they say nothing that can be used.
 */
export function engineAddress(env: NodeJS.ProcessEnv): EngineAddress {
  const words = env['DOCKER_HOST'] || 'unix:///var/run/docker.sock';
  if (words.startsWith('unix://')) return { kind: 'socket', words, socketPath: words.slice('unix://'.length) };
  const url = URL.parse(words);
  if (url === null || url.protocol !== 'tcp:' || url.hostname === '')
    throw new DriverError('driver_error', `DOCKER_HOST is "${words}"; unix://PATH or tcp://HOST:PORT is expected`);
  const verify = (env['DOCKER_TLS_VERIFY'] ?? '') !== '';
  return {
    kind: 'tcp',
    words,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (verify ? 2376 : 2375) : Number(url.port),
    tls: verify ? readTls(env['DOCKER_CERT_PATH']) : undefined,
  };
}

function readTls(folder: string | undefined): Tls {
  if (folder === undefined)
    throw new DriverError('driver_error', 'DOCKER_TLS_VERIFY is set, but DOCKER_CERT_PATH names no folder');
  try {
    const read = (file: string): Buffer => readFileSync(path.join(folder, file));
    return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
  } catch (error) {
    const why = (error as Error).message;
    throw new DriverError('driver_error', `the certificates of DOCKER_CERT_PATH cannot be read: ${why}`, {
      cause: error,
    });
  }
}
