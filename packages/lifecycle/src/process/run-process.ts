import process from 'node:process';
import { Health } from '../health/health.ts';
import { withDeadline } from '../wait/deadline.ts';
import { SIGNAL_EXIT_CODE, STOP_SIGNALS, StopRequested, type HostProcess, type StopSignal } from './host-process.ts';
import { Scope } from './scope.ts';

/** Where a fatal error came from. `failed`: a part called `fail`. */
export type FatalOrigin = 'start' | 'failed' | 'drain' | 'uncaughtException' | 'unhandledRejection';

export interface ProcessContext {
  /** Aborts when the process is asked to end; its reason is a StopRequested. */
  readonly signal: AbortSignal;
  /** Disposed, latest first, when the process ends. */
  readonly scope: Scope;
  /** Not ready until `main` has returned; draining from the moment of the stop. */
  readonly health: Health;
  /** Ends the process in good order, exit 0. */
  stop(reason: string): void;
  /** A part cannot go on: reported through `onFatal`, then the same orderly end, exit 1. */
  fail(error: unknown): void;
  /**
   * Where `hangUp` is `reload`: called at each SIGHUP, and now when one came while `main` was still bringing its parts up, since they may
   * have read what it is about before. Must not throw.
   */
  onReload(reload: () => void): void;
}

export interface RunProcessOptions {
  /** Bound for the whole of draining and disposal, in milliseconds. */
  readonly drainMs?: number;
  /** What SIGHUP means: the end, as when a terminal closes, or: read the configuration again. Default `stop`. */
  readonly hangUp?: 'stop' | 'reload';
  /** Receives every error that ends the process or spoils its end. Default: name and stack on standard error. */
  readonly onFatal?: (error: unknown, origin: FatalOrigin) => void;
  /** Signals this soon after the first are taken for the same request, in milliseconds. */
  readonly repeatMs?: number;
  /** Default: this process. */
  readonly process?: HostProcess;
}

/** Default bound of draining, in milliseconds: below the 30 s that Kubernetes allows before SIGKILL. */
export const DEFAULT_DRAIN_MS = 25_000;

/**
 * Default of `repeatMs`. One Ctrl-C under `npm start` arrives twice or more within a few milliseconds: from the terminal,
 * which signals the whole process group, and from each npm between, which forwards what it got. A person's second press
 * comes later.
 */
export const DEFAULT_REPEAT_MS = 500;

/**
 * The life of a deployable. `main` brings its parts up, adds them to `scope` and **returns as soon as it is running**; the
 * process then stays until a signal (or `stop`, `fail`). Then: readiness off, `signal` aborts, the scope is disposed, all
 * within `drainMs`. Resolves with the exit status after `process.exit` was called with it:
 *
 * - 0 orderly end; 1 fatal error, failed start, or a disposal that failed or exceeded its time; the exit status of a
 *   {@link Refusal} (2 for a ConfigError), whose report goes to standard error;
 * - 130, 143, 129 at once on a second signal (by the number of that signal), whatever is still open;
 * - an uncaught exception or unhandled rejection ends at once with 1: after one, nothing in the process can be trusted.
 */
export async function runProcess(
  name: string,
  main: (context: ProcessContext) => Promise<unknown>,
  options: RunProcessOptions = {},
): Promise<number> {
  const host = options.process ?? (process as HostProcess);
  const drainMs = options.drainMs ?? DEFAULT_DRAIN_MS;
  const report =
    options.onFatal ?? ((error, origin) => void host.stderr.write(`${name}: ${origin}: ${describeError(error)}\n`));
  const stopping = new AbortController();
  const exited = Promise.withResolvers<number>();
  const health = new Health();
  const scope = new Scope({ disposeMs: drainMs });
  let exitCode = 0;

  const exit = (code: number): void => {
    clearInterval(keepAlive);
    exited.resolve(code);
    host.exit(code);
    // Only a host of a test comes here. Before the exit it would be wrong: a late signal would then kill this process.
    for (const [event, listener] of listeners) host.off(event, listener);
  };
  const stop = (reason: string): void => {
    health.drain();
    stopping.abort(new StopRequested(reason));
  };
  const fail = (error: unknown, origin: FatalOrigin): void => {
    exitCode = 1;
    report(error, origin);
    stop(describeError(error).split('\n', 1)[0] ?? '');
  };
  const crash = (origin: FatalOrigin) => (error: unknown) => {
    report(error, origin);
    exit(1);
  };
  const repeatMs = options.repeatMs ?? DEFAULT_REPEAT_MS;
  let firstSignalAtMs: number | undefined;
  const onSignal = (signal: StopSignal) => () => {
    if (firstSignalAtMs === undefined) {
      firstSignalAtMs = performance.now();
      stop(signal);
    } else if (performance.now() - firstSignalAtMs >= repeatMs) {
      exit(SIGNAL_EXIT_CODE[signal]);
    }
  };

  // From the first moment on: by default SIGHUP kills a process.
  const reloads = options.hangUp === 'reload';
  let hungUp = false;
  let reload: (() => void) | undefined;
  const hangUp = (): void => {
    hungUp = true;
    reload?.();
  };

  const listeners: readonly (readonly [string, (value: unknown) => void])[] = [
    ...STOP_SIGNALS.map((signal) => [signal, reloads && signal === 'SIGHUP' ? hangUp : onSignal(signal)] as const),
    ['uncaughtException', crash('uncaughtException')],
    ['unhandledRejection', crash('unhandledRejection')],
  ];
  for (const [event, listener] of listeners) host.on(event, listener);
  // Parts unref their timers; without this a process that waits for its signal could fall asleep for good.
  const keepAlive = setInterval(() => undefined, 2 ** 30);

  const starting = health.add('start', () => 'starting');
  const context: ProcessContext = {
    signal: stopping.signal,
    scope,
    health,
    stop,
    fail: (error) => fail(error, 'failed'),
    onReload(given) {
      reload = given;
      if (hungUp) given();
    },
  };
  const started = (async () => main(context))().then(
    () => starting[Symbol.dispose](),
    (error: unknown) => {
      if (isRefusal(error)) {
        exitCode = error.exitCode;
        host.stderr.write(`${name}: ${error.report}\n`);
        stop('the start was refused');
      } else if (stopping.signal.aborted && isAbort(error, stopping.signal)) {
        return; // The start was cut short by the stop, as it should be.
      } else {
        fail(error, 'start');
      }
    },
  );

  const drained = aborted(stopping.signal).then(() => drain(scope, started, drainMs));
  drained.then(
    () => exit(exitCode),
    (error: unknown) => {
      report(error, 'drain');
      exit(exitCode === 0 ? 1 : exitCode);
    },
  );
  return exited.promise;
}

/**
 * An error that says what to do instead of where it happened: a wrong configuration or catalog (2), a server that cannot be
 * reached or used. Recognised by its shape, since such errors come from rooms above this one.
 */
export interface Refusal {
  /** For standard error, one or more lines, without a line break at its end. */
  readonly report: string;
  /** Exit status of the process. */
  readonly exitCode: number;
}

function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && 'report' in error && 'exitCode' in error && typeof error.exitCode === 'number';
}

/** A start that is still under way gets half of the time to give up, then what it has added is disposed beneath it. */
async function drain(scope: Scope, started: Promise<void>, drainMs: number): Promise<void> {
  const endsAt = performance.now() + drainMs;
  const errors: unknown[] = [];
  await withDeadline(started, drainMs / 2, { reason: 'start to give up' }).catch((error: unknown) =>
    errors.push(error),
  );
  const totalMs = Math.max(0, endsAt - performance.now());
  await scope.dispose({ totalMs }).catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'the stop was not clean');
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}

function describeError(error: unknown): string {
  if (error instanceof AggregateError) return [error.message, ...error.errors.map(describeError)].join('\n');
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
