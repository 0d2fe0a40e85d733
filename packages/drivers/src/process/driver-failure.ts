import { DriverError } from '@reveille/orchestration';

/** The wait of a caller that left. */
export function cancelled(what: string, cause: unknown): DriverError {
  return new DriverError('cancelled', `${what} was given up`, { cause });
}

/** Drivers reject with DriverError only: what else was thrown becomes one, its cause kept. */
export function asDriverError(error: unknown, what: string, signal: AbortSignal): DriverError {
  if (error instanceof DriverError) return error;
  if (signal.aborted && error === signal.reason) return cancelled(what, error);
  const message = error instanceof Error ? error.message : String(error);
  return new DriverError('driver_error', `${what} failed: ${message}`, { cause: error });
}
