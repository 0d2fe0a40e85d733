import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import type { Logger } from '../log/create-logger.ts';

/** Failures that are nearer to each other than this are one outage, in milliseconds. */
export const OUTAGE_GAP_MS = 10 * 60_000;

/**
 * Turns OpenTelemetry's own messages into one warning per outage: a collector that is away fails every few seconds, and
 * nobody needs to read that each time.
 */
export function exportTroubleLogger(logger: Logger, now: () => number = () => performance.now()): DiagLogger {
  let lastMs = Number.NEGATIVE_INFINITY;
  const trouble = (message: string, ...details: unknown[]): void => {
    const atMs = now();
    const known = atMs - lastMs < OUTAGE_GAP_MS;
    lastMs = atMs;
    if (known) return;
    const detail = [message, ...details.map(String)].join(' ').slice(0, 500);
    logger.warn({ detail }, 'the export of telemetry is in trouble; work goes on, and this outage is not logged again');
  };
  const ignore = (): void => undefined;
  return { error: trouble, warn: trouble, info: ignore, debug: ignore, verbose: ignore };
}

let hearing = 0;

/** Lets the first who asks hear of trouble with the collector, until the last who asked has ended. */
export function hearExportTrouble(logger: Logger): Disposable {
  if (hearing++ === 0)
    diag.setLogger(exportTroubleLogger(logger), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  let ended = false;
  return {
    [Symbol.dispose]() {
      if (ended) return;
      ended = true;
      if (--hearing === 0) diag.disable();
    },
  };
}
