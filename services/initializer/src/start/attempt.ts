import type { Endpoint, Progress } from '@reveille/contracts';
import { compileRegex } from '@reveille/catalog';
import { commandContextOf, untilReady } from '@reveille/drivers';
import { childAbort, DeadlineExceeded } from '@reveille/lifecycle';
import { type Driver, DriverError, type Running, type StartRequest } from '@reveille/orchestration';
import { ATTRIBUTE, SPAN, withSpan } from '@reveille/telemetry';
import { ProgressWriter } from './progress-writer.ts';
import { ReportInbox } from './report-inbox.ts';
import type { Reports } from './reports.ts';

/**
 * One attempt: adopt what an earlier claim of this generation started, if there was one, else start, then wait until it is ready.
 * Rejects with `DriverError` when it failed (the deadline of the attempt included), or with the signal's reason.
 */
export async function runAttempt(of: {
  driver: Driver;
  request: StartRequest;
  reports: Reports;
  /** Whether an earlier claim of this generation may have started it. */
  claimedBefore: boolean;
  /** Any of them ends it. */
  signals: readonly AbortSignal[];
  onRunning: (running: Running) => void;
  onProgress: (progress: Progress) => Promise<unknown>;
  onProgressLost: (error: unknown) => void;
}): Promise<{ running: Running; endpoint: Endpoint }> {
  const { driver, request, signals } = of;
  const { spec } = request;
  using attempt = childAbort(...signals);
  const { signal } = attempt;
  const timer = setTimeout(() => attempt.abort(new DeadlineExceeded('the attempt', spec.deadlineMs)), spec.deadlineMs);
  await using progress = new ProgressWriter(of.onProgress, of.onProgressLost);
  const inbox = new ReportInbox((report) => progress.push(report));
  using _ = of.reports.listenTo(request.instance, request.generation, (report) => inbox.take(report));
  let running: Running | undefined;
  try {
    const unclaimed = !of.claimedBefore;
    const context = { signal, progress: (step: Progress) => progress.push(step), unclaimed };
    // Each look for what runs takes its time, and users wait.
    running = of.claimedBefore ? await driver.adopt(request, context) : undefined;
    running ??= await driver.start(request, context);
    of.onRunning(running);
    const started = running;
    const attributes = { [ATTRIBUTE.instance]: request.instance };
    const { endpoint } = await withSpan(SPAN.probe, { attributes }, () =>
      untilReady({
        probe: spec.ready,
        running: started,
        endpoint: () => started.endpoint,
        ...(spec.ready.exec ? { command: commandContextOf(request, { port: started.endpoint?.port }) } : {}),
        compileRegex,
        reports: inbox,
        signal,
        onProgress: (step) => inbox.silent() && progress.push(step),
      }),
    );
    return { running, endpoint };
  } catch (error) {
    for (const outer of signals) outer.throwIfAborted();
    // A driver calls what it was told to give up `cancelled`; why it had to is known here.
    const isAnswer = error instanceof DriverError && error.code !== 'cancelled';
    if (signal.reason instanceof DeadlineExceeded && !isAnswer) throw late(running, spec.deadlineMs, inbox.silent());
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function late(running: Running | undefined, deadlineMs: number, silent: boolean): DriverError {
  const within = `within ${deadlineMs} ms (deadlineMs)`;
  if (running === undefined) return new DriverError('start_timeout', `it was not started ${within}`);
  const said = silent ? '' : '; its last report is the phase of this failure';
  return new DriverError('probe_timeout', `it runs but did not become ready ${within}${said}`, {
    logTail: running.logs(),
  });
}
