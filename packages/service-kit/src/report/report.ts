import type { ServiceReport } from '@reveille/contracts';
import { postReport, reportTarget, type ReportTarget } from './post-report.ts';

export type ProgressReport = { phase: string; detail?: string; percent?: number };

/** A progress report that takes longer is given up: the next one supersedes it anyway. */
const progressTimeoutMs = 2000;
/** How long `reportReady` keeps trying. */
const readyDeadlineMs = 10_000;

/** One report is on its way at a time, so that they arrive in order; behind it waits at most one, the latest. */
let underWay: Promise<void> | undefined;
let waiting: { target: ReportTarget; report: ProgressReport; settled: PromiseWithResolvers<void> } | undefined;
let warned = false;
const told = Promise.withResolvers<void>();
/** Resolves when the report that this service is ready was taken: users are on their way. */
export const readyTold: Promise<void> = told.promise;

/**
 * Tells the waiting users how far the start is. Resolves when the report was sent, given up or superseded by a later one; never
 * rejects: a service does not fail because nobody listens (the first failed report writes one warning to standard error).
 * Does nothing when the service was not started by Reveille.
 *
 * @param progress `phase` 1–64 characters, `detail` up to 500 (longer ones are cut), `percent` 0–100
 */
export function report(progress: ProgressReport): Promise<void> {
  const target = reportTarget();
  if (target === undefined) return Promise.resolve();
  waiting?.settled.resolve();
  const settled = Promise.withResolvers<void>();
  waiting = { target, report: progress, settled };
  underWay ??= drain();
  return settled.promise;
}

async function drain(): Promise<void> {
  while (waiting !== undefined) {
    const { target, report: progress, settled } = waiting;
    waiting = undefined;
    const outcome = await postReport(target, progressBody(progress), progressTimeoutMs);
    if (!('taken' in outcome)) warnOnce('refused' in outcome ? outcome.refused : outcome.unreachable);
    settled.resolve();
  }
  // In the same breath as the last look: a report that comes after it must start a new round.
  underWay = undefined;
}

/**
 * Says that the service is ready (`ready: {reported: true}` in the catalog). Resolves when the report was taken; tried again, with a
 * growing pause, for up to 10 s. Does nothing when the service was not started by Reveille.
 *
 * @param endpoint the URL under which the service answers, for `endpoint: {port: reported}`
 * @throws Error when the report is refused, or was not taken within 10 s
 */
export async function reportReady(endpoint?: string): Promise<void> {
  const target = reportTarget();
  if (target === undefined) return;
  // What is ready has no progress: a waiting report is superseded, the one under way goes first.
  waiting?.settled.resolve();
  waiting = undefined;
  await underWay;
  const body: ServiceReport = { ready: true, ...(endpoint === undefined ? {} : { endpoint }) };
  const giveUpAt = performance.now() + readyDeadlineMs;
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, 1000)) {
    const outcome = await postReport(target, body, Math.max(1, giveUpAt - performance.now()));
    if ('taken' in outcome) return told.resolve();
    if ('refused' in outcome) throw new Error(`The report that the service is ready was refused: ${outcome.refused}`);
    if (performance.now() + pauseMs >= giveUpAt) {
      throw new Error(`Nobody took the report that the service is ready within 10 s: ${outcome.unreachable}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

function progressBody({ phase, detail, percent }: ProgressReport): ServiceReport {
  return {
    phase: phase.slice(0, 64),
    ...(detail === undefined ? {} : { detail: detail.slice(0, 500) }),
    ...(percent === undefined ? {} : { percent: Math.min(100, Math.max(0, percent)) }),
  };
}

function warnOnce(why: string): void {
  if (warned) return;
  warned = true;
  console.error(`reveille: a progress report was not taken (${why}); the service goes on, further ones stay silent.`);
}
