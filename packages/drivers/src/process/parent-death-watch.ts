import { type ChildProcess, spawn } from 'node:child_process';
import type { Logger } from '@reveille/telemetry';
import { raceAbort, sleep, withDeadline } from '@reveille/lifecycle';
import { DriverError } from '@reveille/orchestration';
import { WATCH_SCRIPT } from './watch-script.ts';

/** How long services have after SIGTERM once their initializer is dead, in tenths of a second. */
const GRACE_TENTHS = 20;

/** Pauses between restarts of a watcher that keeps dying. */
const RESTART_MS = { first: 10, last: 5000 } as const;

/** One that lived this long did not die of its own start. */
const LIVED_MS = 10_000;

/** How long a watcher may take to leave when it is let go. */
const LEAVE_MS = 1000;

export type ParentDeathWatchOptions = {
  /** What the marks of this initializer begin with. */
  markPrefix: string;
  logger: Pick<Logger, 'warn' | 'error'>;
};

/**
 * Sees to it that services die with their initializer, even one that is killed by SIGKILL: a small shell in a session of
 * its own holds the other end of a pipe that nobody else has (Node opens its ends close-on-exec), and acts when the pipe
 * ends. Restarted whenever it dies itself.
 */
export class ParentDeathWatch implements AsyncDisposable {
  readonly #options: ParentDeathWatchOptions;
  readonly #groups = new Set<number>();
  readonly #disposing = new AbortController();
  #watcher: ChildProcess | undefined;
  #starting: Promise<void> | undefined;
  #restartMs: number = RESTART_MS.first;

  constructor(options: ParentDeathWatchOptions) {
    this.#options = options;
  }

  /** The watcher's process, for those who look after it. */
  get pid(): number | undefined {
    return this.#watcher?.pid;
  }

  /**
   * Resolves when the watcher runs: before that nothing may be started.
   * @throws DriverError `spawn_failed`.
   */
  ensure(): Promise<void> {
    if (this.#watcher !== undefined) return Promise.resolve();
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  add(group: number): void {
    this.#groups.add(group);
    this.#tell(`+${group}`);
  }

  remove(group: number): void {
    if (this.#groups.delete(group)) this.#tell(`-${group}`);
  }

  /** Lets the watcher go without touching what still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposing.abort();
    await this.#starting?.catch(() => undefined);
    const watcher = this.#watcher;
    if (watcher === undefined) return;
    const left = new Promise<void>((resolve) => watcher.once('exit', () => resolve()));
    this.#tell('q');
    watcher.stdin?.end();
    await withDeadline(left, LEAVE_MS).catch(() => {
      watcher.kill('SIGKILL');
      return left;
    });
  }

  async #start(): Promise<void> {
    const watcher = spawn(
      '/bin/sh',
      ['-c', WATCH_SCRIPT, 'reveille-watch', this.#options.markPrefix, `${GRACE_TENTHS}`],
      {
        detached: true,
        cwd: '/',
        env: { PATH: '/usr/bin:/bin' },
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    );
    // A watcher that died in the middle of a word: its exit is noticed below.
    watcher.stdin?.on('error', () => undefined);
    await new Promise<void>((resolve, reject) => {
      watcher.once('spawn', resolve);
      watcher.once('error', (error) => {
        const why = `the watcher that stops services when Reveille dies cannot be started: ${error.message}`;
        reject(new DriverError('spawn_failed', why, { cause: error }));
      });
    });
    const startedAt = performance.now();
    watcher.on('error', (error) =>
      this.#options.logger.warn({ err: error }, 'the parent-death watcher reports an error'),
    );
    watcher.once('exit', (code, signal) => this.#onExit(startedAt, { code, signal }));
    watcher.unref();
    (watcher.stdin as unknown as { unref(): void }).unref();
    this.#watcher = watcher;
    for (const group of this.#groups) this.#tell(`+${group}`);
  }

  #tell(word: string): void {
    this.#watcher?.stdin?.write(`${word}\n`);
  }

  #onExit(startedAt: number, exit: { code: number | null; signal: string | null }): void {
    this.#watcher = undefined;
    if (this.#disposing.signal.aborted) return;
    this.#options.logger.warn(exit, 'the parent-death watcher ended and is restarted');
    if (performance.now() - startedAt > LIVED_MS) this.#restartMs = RESTART_MS.first;
    this.#restart().catch((error: unknown) => {
      if (!this.#disposing.signal.aborted)
        this.#options.logger.error({ err: error }, 'the parent-death watcher is gone');
    });
  }

  async #restart(): Promise<void> {
    const { signal } = this.#disposing;
    for (;;) {
      await sleep(this.#restartMs, signal, { ref: false });
      this.#restartMs = Math.min(this.#restartMs * 2, RESTART_MS.last);
      const error = await raceAbort(this.ensure(), signal).catch((failure: unknown) => failure);
      signal.throwIfAborted();
      if (error === undefined) return;
      this.#options.logger.warn({ err: error }, 'the parent-death watcher cannot be restarted yet');
    }
  }
}
