import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { checkRedis, redisAccessOf } from '@reveille/broker';
import { findRedisServer, launchRedis, type ServerExit } from '@reveille/broker/server';
import { sleep } from '@reveille/lifecycle';
import { CliRefusal } from '../cli/refusal.ts';
import { readRunFile } from './run-file.ts';

export interface ProvidedRedis extends AsyncDisposable {
  readonly url: string;
  /** For the banner. */
  readonly words: string;
  /** Of a server of our own. */
  readonly pid?: number;
  readonly exited?: Promise<ServerExit>;
}

/** A server that outlives its `dev` (SIGKILL) is ended by its watcher within five seconds; this is twice that. */
const formerServerMs = 10_000;

/**
 * Redis for a `dev`: the one that REDIS_URL names, else a server of our own with its append-only file in the data folder.
 * @throws CliRefusal in words when there is neither, or it is not fit
 */
export async function provideRedis(of: {
  given: string | undefined;
  env: NodeJS.ProcessEnv;
  folder: string;
  signal: AbortSignal;
}): Promise<ProvidedRedis> {
  if (of.given !== undefined) {
    await refuseUnfit(of.given, of.env);
    return { url: of.given, words: 'the one of REDIS_URL (or --redis)', async [Symbol.asyncDispose]() {} };
  }
  const program = findRedisServer(of.env);
  if (program === undefined) throw new CliRefusal(noServer);
  await formerServerGone(of.folder, of.signal);
  const dir = join(of.folder, 'redis');
  await mkdir(dir, { recursive: true });
  const server = await launchRedis({ dir, persist: true, signal: of.signal }).catch((error: Error) => {
    of.signal.throwIfAborted();
    throw new CliRefusal(`Redis could not be started with its data in ${dir}:\n${error.message}`, undefined, {
      cause: error,
    });
  });
  return {
    url: server.url,
    words: `${program.path} ${program.version} on port ${server.port}, data in ${dir}`,
    pid: server.pid,
    exited: server.exited,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function refuseUnfit(url: string, env: NodeJS.ProcessEnv): Promise<void> {
  const faults = await checkRedis(url, redisAccessOf(env, url));
  if (faults.length === 0) return;
  const words = faults.map(({ message }) => message).join('\n');
  throw new CliRefusal(
    `the Redis of REDIS_URL (or --redis) cannot be used:\n${words}\nWithout either, a local server is started.`,
  );
}

/** Two servers on one append-only file would spoil it: one of a killed `dev` may still be on its way out. */
async function formerServerGone(folder: string, signal: AbortSignal): Promise<void> {
  const former = await readRunFile(folder);
  if (former?.redisPid === undefined || former.redisUrl === undefined) return;
  const port = Number(new URL(former.redisUrl).port);
  const giveUpAt = performance.now() + formerServerMs;
  while (isAlive(former.redisPid) && (await answers(port))) {
    if (performance.now() > giveUpAt)
      throw new CliRefusal(
        `the Redis server of an earlier run is still using ${folder} (process ${former.redisPid}).\n` +
          `Stop it with: kill ${former.redisPid}`,
      );
    await sleep(100, signal);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 });
    const end = (is: boolean) => () => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', end(true));
    socket.once('error', end(false));
    socket.once('timeout', end(true));
  });
}

const noServer = `no Redis: REDIS_URL is not set, and there is no redis-server or valkey-server (6.2 or newer) on PATH.
Install one:
  Debian, Ubuntu   sudo apt-get install redis-server
  Fedora, RHEL     sudo dnf install valkey
  Alpine           sudo apk add redis
  Arch             sudo pacman -S valkey
  macOS            brew install redis
or name a running server: reveille dev --redis redis://host:6379`;
