import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedisServer, type RedisServer } from './find.ts';
import { freePort } from './free-port.ts';
import { startServer, type RunningServer, type ServerExit } from './start.ts';

export interface LaunchRedisOptions {
  /** Working folder of the server, kept afterwards; default a new temporary one that is removed with the server. */
  readonly dir?: string;
  /** Port on 127.0.0.1; default a free one. */
  readonly port?: number;
  /** Keeps data in `dir` (append-only file, synchronised each second). Default: nothing is written. */
  readonly persist?: boolean;
  /** Paths of PEM files: the port is an encrypted one, and nothing is served without encryption. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
  /** More arguments of redis-server, such as `['--maxmemory', '64mb']`; they win over ours. */
  readonly args?: readonly string[];
  /** Gives up the start. A server that has started is ended by disposing it. */
  readonly signal?: AbortSignal;
}

/** A server of our own on the loopback address. Disposing it ends it, and waits until it is gone. */
export interface LocalRedis extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Fulfilled when the server has exited, for whatever reason. */
  readonly exited: Promise<ServerExit>;
}

/** How many free ports are tried when others take them first. */
const portTries = 10;

/**
 * Starts a Redis (or Valkey) server for this process alone: on the loopback address, refusing writes instead of evicting
 * when memory is full, in a process group of its own, and ended with this process even if that is killed.
 *
 * @throws Error when there is no server program, the port given is taken, or the server does not start; the message
 *   carries its last log lines. The signal's reason when that aborts.
 */
export async function launchRedis(options: LaunchRedisOptions = {}): Promise<LocalRedis> {
  options.signal?.throwIfAborted();
  if (options.persist === true && options.dir === undefined) {
    throw new TypeError('launchRedis: `persist` needs a `dir`, since a temporary folder is removed with the server');
  }
  const program = findRedisServer();
  if (program === undefined) throw new Error('no redis-server or valkey-server (6.2 or newer) on PATH');
  const temporaryDir = options.dir === undefined ? await mkdtemp(join(tmpdir(), 'reveille-redis-')) : undefined;
  const removeDir = async () => {
    if (temporaryDir !== undefined) await rm(temporaryDir, { recursive: true, force: true });
  };
  try {
    const { server, port } = await startOnPort(program, options, temporaryDir);
    return {
      url: `${options.tls === undefined ? 'redis' : 'rediss'}://127.0.0.1:${port}`,
      port,
      pid: server.pid,
      exited: server.exited,
      [Symbol.asyncDispose]: async () => {
        await server[Symbol.asyncDispose]();
        await removeDir();
      },
    };
  } catch (error) {
    await removeDir();
    throw error;
  }
}

async function startOnPort(
  program: RedisServer,
  options: LaunchRedisOptions,
  temporaryDir: string | undefined,
): Promise<{ server: RunningServer; port: number }> {
  for (let left = options.port === undefined ? portTries : 1; ; left -= 1) {
    const port = options.port ?? (await freePort());
    const started = await startServer({
      program,
      args: argsFor(port, options),
      dir: options.dir ?? (temporaryDir as string),
      removeWithParent: temporaryDir,
      signal: options.signal,
    });
    if (started.kind === 'ready') return { server: started.server, port };
    if (left <= 1) throw new Error(`port ${port} on 127.0.0.1 is taken`);
  }
}

function argsFor(port: number, options: LaunchRedisOptions): string[] {
  return [
    ...(options.tls === undefined ? ['--port', String(port)] : tlsArgs(port, options.tls)),
    ...['--bind', '127.0.0.1'],
    ...['--daemonize', 'no', '--supervised', 'no', '--logfile', '', '--loglevel', 'notice'],
    ...['--maxmemory-policy', 'noeviction', '--save', ''],
    ...(options.persist === true ? ['--appendonly', 'yes', '--appendfsync', 'everysec'] : ['--appendonly', 'no']),
    ...(options.args ?? []),
  ];
}

function tlsArgs(port: number, { ca, cert, key }: NonNullable<LaunchRedisOptions['tls']>): string[] {
  return [
    ...['--port', '0', '--tls-port', String(port), '--tls-replication', 'yes', '--tls-auth-clients', 'no'],
    ...['--tls-ca-cert-file', ca, '--tls-cert-file', cert, '--tls-key-file', key],
  ];
}
