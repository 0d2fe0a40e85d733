import type { Endpoint, Progress, ReadyProbe } from '@reveille/contracts';
import { childAbort, nextTurn, raceAbort, sleep, withDeadline } from '@reveille/lifecycle';
import { DriverError, type Exit, type Running } from '@reveille/orchestration';
import { endpointFromUrl } from '../endpoint.ts';
import type { CommandContext } from '../process/command-context.ts';
import { builtInRegex, type CompileRegex, matchingLine } from './line-probe.ts';
import { asks, lookAt } from './look-at.ts';
import { atReport, type ReportSource } from './report-source.ts';

/** Bounds of the pause between two looks: it grows by the factor, never beyond the last unless `everyMs` is longer itself. */
const PAUSE_MS = { least: 5, factor: 1.3, last: 250 } as const;

/** How long the last words of a process that ended may take to arrive. */
const LAST_WORDS_MS = 250;

/** Lines of a failure's log tail. */
const TAIL_LINES = 50;

export type UntilReadyOptions = {
  probe: ReadyProbe;
  /** `drained`: resolves when everything that it wrote has been read. */
  running: Running & { readonly drained?: Promise<void> };
  /** Where it answers, if that is known without a report. */
  endpoint: () => Endpoint | undefined;
  reports: ReportSource;
  /** Needed for exec probes: `commandContextOf`. */
  command?: CommandContext;
  /** For log probes. Default: the built-in engine. */
  compileRegex?: CompileRegex;
  signal: AbortSignal;
  onProgress?(progress: Progress): void;
};

/** What ends what is left of a wait. Made once: an error costs as much as a fair part of a start. */
const waitIsOver = new Error('the wait for readiness is over');

/**
 * Waits until a run is ready: its probe passes, and passes again after `settleMs`. Rejects with DriverError `exited_early`
 * (exit code, signal, log tail) as soon as the process has ended, whoever may answer on its port, and with the reason of
 * the signal on abort: how long to wait is for the caller to say.
 */
export async function untilReady(options: UntilReadyOptions): Promise<{ endpoint: Endpoint }> {
  const { running, signal } = options;
  signal.throwIfAborted();
  using over = childAbort(signal);
  const { signal: waiting } = over;
  using exit = followed(running.exited);
  const exited = exit.settled.then(async (how) => {
    throw await exitedEarly(running, how, waiting);
  });
  const ended = exit.settled.then(() => true);
  try {
    for (;;) {
      const endpoint = await raceAbort(Promise.race([exited, passed(options, waiting)]), signal);
      // An end that came in the same turn counts: the answer may have been a stranger's.
      if (await Promise.race([ended, nextTurn()])) await raceAbort(exited, signal);
      if (await raceAbort(Promise.race([exited, settled(options, endpoint, waiting)]), signal)) return { endpoint };
    }
  } finally {
    over.abort(waitIsOver);
    exited.catch(() => undefined);
  }
}

/**
 * Resolves as `promise` does, until disposed of. What waits for the end of a run itself is kept for as long as the run, with all that it
 * knows of its start.
 */
function followed<T>(promise: Promise<T>): Disposable & { readonly settled: Promise<T> } {
  const { promise: settled, resolve } = Promise.withResolvers<T>();
  let tell: typeof resolve | undefined = resolve;
  void promise.then((value) => tell?.(value));
  return { settled, [Symbol.dispose]: () => (tell = undefined) };
}

/** Resolves with the endpoint when the probe has passed once. */
async function passed(options: UntilReadyOptions, signal: AbortSignal): Promise<Endpoint> {
  const { probe, reports } = options;
  if (probe.log !== undefined) {
    const matches = (options.compileRegex ?? builtInRegex)(probe.log.pattern);
    tell(options, 'waiting for its log to say that it is ready');
    await matchingLine(options.running, matches, signal);
  } else if (probe.reported === true) {
    tell(options, 'waiting for it to report that it is ready');
    await atReport(reports, () => reports.ready(), signal);
  }
  const endpoint = await atReport(reports, () => options.endpoint() ?? reportedEndpoint(reports), signal);
  if (asks(probe)) await askUntilPassed(options, endpoint, signal);
  return endpoint;
}

function reportedEndpoint(reports: ReportSource): Endpoint | undefined {
  const url = reports.ready()?.endpoint;
  if (url === undefined) return undefined;
  const endpoint = endpointFromUrl(url);
  if (endpoint !== undefined) return endpoint;
  throw new DriverError('driver_error', `the service reported an endpoint that is no http URL: "${url}"`);
}

async function askUntilPassed(options: UntilReadyOptions, endpoint: Endpoint, signal: AbortSignal): Promise<void> {
  const { probe, command } = options;
  const firstMs = Math.max(PAUSE_MS.least, probe.everyMs);
  const lastMs = Math.max(PAUSE_MS.last, firstMs);
  let told = '';
  for (let pauseMs = firstMs; ; pauseMs = Math.min(pauseMs * PAUSE_MS.factor, lastMs)) {
    const look = await lookAt(probe, endpoint, { signal, command });
    signal.throwIfAborted();
    if (look.ok) return;
    if (look.reason !== told) tell(options, look.reason);
    told = look.reason;
    await sleep(pauseMs, signal);
  }
}

/** Whether it is still ready after `settleMs`. */
async function settled(options: UntilReadyOptions, endpoint: Endpoint, signal: AbortSignal): Promise<boolean> {
  const { probe, command } = options;
  if (probe.settleMs === 0) return true;
  tell(options, `it answers; it has to go on doing so for ${probe.settleMs} ms`);
  await sleep(probe.settleMs, signal);
  if (!asks(probe)) return true;
  const look = await lookAt(probe, endpoint, { signal, command });
  if (!look.ok) tell(options, `it was ready for a moment only: ${look.reason}`);
  return look.ok;
}

async function exitedEarly(
  running: UntilReadyOptions['running'],
  exit: Exit,
  signal: AbortSignal,
): Promise<DriverError> {
  if (running.drained !== undefined)
    await withDeadline(running.drained, LAST_WORDS_MS, { signal }).catch(() => undefined);
  return new DriverError(
    'exited_early',
    `the process ${howItEnded(exit)} before it was ready${exit.why === undefined ? '' : `: ${exit.why}`}`,
    {
      ...(exit.code === null ? {} : { exitCode: exit.code }),
      ...(exit.signal === null ? {} : { signal: exit.signal }),
      logTail: running.logs().slice(-TAIL_LINES),
    },
  );
}

function howItEnded(exit: Exit): string {
  if (exit.code !== null) return `ended with exit code ${exit.code}`;
  return exit.signal === null ? 'ended' : `was ended by ${exit.signal}`;
}

/** A detail is at most 500 characters on the wire. */
function tell(options: UntilReadyOptions, detail: string): void {
  options.onProgress?.({ phase: 'probing', detail: detail.slice(0, 500) });
}
