import { execFileSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A server program that can be started: its absolute path and its version as it says it, such as `7.0.15`. */
export interface RedisServer {
  readonly path: string;
  readonly version: string;
}

const programs = ['redis-server', 'valkey-server'] as const;
/** BullMQ's Relay reads its inboxes with commands of 6.2. Keep in step with scripts/setup/redis.mjs. */
const minimum = { major: 6, minor: 2 } as const;
/** Bound for `--version`, which takes milliseconds: a program that hangs here is not the one that is sought. */
const versionDeadlineMs = 10_000;

/** Finds a Redis or Valkey server of version 6.2 or newer on PATH: Redis before Valkey, then in the order of PATH. */
export function findRedisServer(env: NodeJS.ProcessEnv = process.env): RedisServer | undefined {
  const dirs = (env['PATH'] ?? '').split(delimiter).filter((dir) => dir !== '');
  for (const program of programs) {
    for (const dir of dirs) {
      const path = join(dir, program);
      const version = isExecutable(path) ? readVersion(path) : undefined;
      if (version !== undefined && isNewEnough(version)) return { path, version };
    }
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Reads `Redis server v=7.0.15 sha=…`. A program that cannot say its version is none that we start. */
function readVersion(path: string): string | undefined {
  try {
    const printed = execFileSync(path, ['--version'], {
      encoding: 'utf8',
      timeout: versionDeadlineMs,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return /\bv=(\d+\.\d+\.\d+)/.exec(printed)?.[1];
  } catch {
    return undefined;
  }
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > minimum.major || (major === minimum.major && minor >= minimum.minor);
}
