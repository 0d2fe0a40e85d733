import { DriverError, type Exit } from '@reveille/orchestration';

/** Lines of the log that a loss quotes. */
const TAIL_LINES = 20;

/** The end of something that was ready, in words. */
export function lossOf({ code, signal, why }: Exit, logs: readonly string[]): DriverError {
  // Of one that another process started, the status is not ours to see.
  const how = signal !== null ? ` by ${signal}` : code !== null ? ` with exit code ${code}` : '';
  return new DriverError('exited_early', `it was ready and ended${how}${why === undefined ? '' : `: ${why}`}`, {
    ...(code === null ? {} : { exitCode: code }),
    ...(signal === null ? {} : { signal }),
    logTail: logs.slice(-TAIL_LINES),
  });
}
