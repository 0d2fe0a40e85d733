/** Signals that ask a process to end. SIGHUP comes when the terminal closes. */
export const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
export type StopSignal = (typeof STOP_SIGNALS)[number];

/** Exit status of a process ended by a signal: 128 plus the signal's number. */
export const SIGNAL_EXIT_CODE = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129 } as const satisfies Record<
  StopSignal,
  number
>;

/** The part of `node:process` that `runProcess` uses; tests pass their own. */
export interface HostProcess {
  on(event: string, listener: (value: unknown) => void): unknown;
  off(event: string, listener: (value: unknown) => void): unknown;
  exit(code: number): void;
  readonly stderr: { write(text: string): unknown };
}

/** The reason of the signal that tells a process to end. Named AbortError, as aborts are everywhere in Node. */
export class StopRequested extends Error {
  constructor(why: string) {
    super(`stop requested: ${why}`);
    this.name = 'AbortError';
  }
}
