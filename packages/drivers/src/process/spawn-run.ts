import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Endpoint } from '@reveille/contracts';
import { DriverError, type Exit, type Running } from '@reveille/orchestration';
import { LogRing } from '../log/log-ring.ts';
import { secretsOf } from '../log/redact.ts';
import type { LaunchPlan } from './launch-plan.ts';

/** A run that is a process of this host. */
export interface ProcessRun extends Running {
  /** The leader: the process that was started; its pid names its group too. */
  readonly pid: number;
  readonly markText: string;
  /** Whether the leader has ended. */
  readonly ended: boolean;
}

export interface SpawnedRun extends ProcessRun {
  /** Resolves when everything that the leader wrote has been read. */
  readonly drained: Promise<void>;
  /** Lets go of the output, which a process that has left the group may hold open. */
  release(): void;
}

export type SpawnOptions = {
  name: string;
  markText: string;
  endpoint: Endpoint | undefined;
  /** Called in the same turn as the spawn, before anything else can happen. */
  onGroup(group: number): void;
  onListenerError(error: unknown): void;
};

/** @throws DriverError `command_not_found` or `spawn_failed`. */
export async function spawnRun(plan: LaunchPlan, options: SpawnOptions): Promise<SpawnedRun> {
  const log = new LogRing({ secrets: secretsOf(plan.env, plan.secrets), onListenerError: options.onListenerError });
  const child = start(plan);
  if (child.pid !== undefined) options.onGroup(child.pid);
  const exit = Promise.withResolvers<Exit>();
  let ended = false;
  child.once('exit', (code, signal) => {
    ended = true;
    exit.resolve({ code, signal });
  });
  const drained = Promise.all([follow(child.stdout, log), follow(child.stderr, log)]).then(() => undefined);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(spawnFailure(plan, error)));
  });
  // Errors after the spawn come of sending signals through Node, which is not done here.
  child.on('error', options.onListenerError);
  const pid = child.pid;
  if (pid === undefined) throw new DriverError('spawn_failed', `"${plan.argv0}" was started without a process id`);
  return {
    name: options.name,
    endpoint: options.endpoint,
    pid,
    markText: options.markText,
    exited: exit.promise,
    drained,
    get ended() {
      return ended;
    },
    logs: () => log.lines(),
    onLine: (listener) => log.onLine(listener),
    release() {
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}

function start(plan: LaunchPlan) {
  try {
    // Detached: a session and process group of its own, so that all of it can be signalled and no terminal reaches it.
    return spawn(plan.file, plan.args, {
      argv0: plan.argv0,
      cwd: plan.cwd,
      env: plan.env,
      detached: true,
      shell: false,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    throw spawnFailure(plan, error as Error);
  }
}

/** Reads for as long as there is something: a child never waits for somebody to read its log. */
function follow(stream: Readable, log: LogRing): Promise<void> {
  const lines = log.stream();
  stream.on('data', (chunk: Buffer) => lines.push(chunk));
  return new Promise((resolve) => {
    stream.once('error', () => stream.destroy());
    stream.once('close', () => {
      lines.flush();
      resolve();
    });
  });
}

const spawnWords: Readonly<Record<string, string>> = {
  E2BIG: 'its arguments and environment are too large for the operating system',
  EAGAIN: 'the operating system allows no more processes',
  EMFILE: 'Reveille has no file handles left',
  ENFILE: 'the host has no file handles left',
  ENOMEM: 'the host has no memory left',
  EACCES: 'the operating system refuses permission',
  EPERM: 'the operating system refuses permission',
  ENOEXEC: 'it is no program for this host',
  ERR_INVALID_ARG_VALUE: 'an argument or variable holds a zero byte',
};

function spawnFailure(plan: LaunchPlan, error: NodeJS.ErrnoException): DriverError {
  // The file is there and executable, so what is missing is the interpreter that its first line names.
  if (error.code === 'ENOENT')
    return new DriverError(
      'command_not_found',
      `the interpreter that ${plan.file} names in its first line is missing`,
      {
        cause: error,
      },
    );
  const why = spawnWords[error.code ?? ''] ?? error.message;
  return new DriverError('spawn_failed', `"${plan.argv0}" could not be started: ${why}`, { cause: error });
}
