import { createInterface } from 'node:readline';
import type { RedisServer } from './find.ts';
import { spawnBound, type BoundChild } from './spawn-bound.ts';

export interface ServerExit {
  /** Exit status; null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningServer extends AsyncDisposable {
  readonly pid: number;
  readonly exited: Promise<ServerExit>;
}

/** That somebody else has the port is expected (see freePort); every other way not to start is an exception. */
export type Started = { readonly kind: 'ready'; readonly server: RunningServer } | { readonly kind: 'port-taken' };

export interface StartServerOptions {
  readonly program: RedisServer;
  readonly args: readonly string[];
  readonly dir: string;
  /** Folder to remove should this process die; undefined to keep all. */
  readonly removeWithParent: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Its word that it is up; default: that it accepts connections. */
  readonly readyLine?: string;
}

/** Bound for a start, wide because the append-only file is read first. */
const startDeadlineMs = 60_000;
/** A server without snapshots ends within milliseconds of TERM; after this it is killed. */
const stopDeadlineMs = 5_000;
/** Log lines kept for the message of a start that fails. */
const keptLines = 20;

/**
 * Starts the program and waits for its own word that it accepts connections. Asking the port instead could be answered
 * by a stranger who took it first.
 *
 * @throws Error with the last log lines when it exits or is not ready within a minute; the signal's reason on abort.
 */
export async function startServer(options: StartServerOptions): Promise<Started> {
  const child = spawnBound(options.program.path, options.args, {
    cwd: options.dir,
    // Since 7.0 the server refuses to start under a locale that the system does not have.
    env: { ...process.env, LC_ALL: 'C' },
    folder: options.removeWithParent,
  });
  const server = supervise(child);
  try {
    if (await becomesReady(child, server, options)) return { kind: 'ready', server };
    await server[Symbol.asyncDispose]();
    return { kind: 'port-taken' };
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

function supervise(child: BoundChild): RunningServer {
  const exited = new Promise<ServerExit>((resolve) => {
    child.process.once('exit', (code, signal) => {
      child.noteExit();
      resolve({ code, signal });
    });
    // A program that cannot even be spawned has no process that could exit.
    child.process.once('error', () => resolve({ code: null, signal: null }));
  });
  return {
    pid: child.process.pid ?? 0,
    exited,
    [Symbol.asyncDispose]: async () => {
      child.process.kill('SIGTERM');
      const kill = setTimeout(() => child.process.kill('SIGKILL'), stopDeadlineMs);
      await exited;
      clearTimeout(kill);
      child.release();
    },
  };
}

/** True when the server is ready, false when it exited because the port is taken. */
async function becomesReady(child: BoundChild, server: RunningServer, options: StartServerOptions): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const lines: string[] = [];
  const note = (line: string) => {
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
    if (line.includes(options.readyLine ?? 'Ready to accept connections')) resolve(true);
  };
  const readers = child.output.map((input) => createInterface({ input }).on('line', note));
  const failure = (what: string) => new Error([`${options.program.path} ${what}`, ...lines].join('\n  '));
  const abort = () => reject(options.signal?.reason);
  const late = setTimeout(() => reject(failure(`was not ready within ${startDeadlineMs} ms`)), startDeadlineMs);
  const closed = Promise.all(readers.map((reader) => new Promise((done) => reader.once('close', done))));
  // Its output may still be on the way when it has exited: judge the lines once all are read.
  void Promise.all([server.exited, closed]).then(([exit]) => {
    if (lines.some((line) => /address already in use/i.test(line))) resolve(false);
    else reject(failure(`did not start (exit ${exit.code ?? exit.signal ?? 'before it ran'})`));
  });
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    return await promise;
  } finally {
    clearTimeout(late);
    options.signal?.removeEventListener('abort', abort);
    for (const reader of readers) reader.removeListener('line', note);
  }
}
