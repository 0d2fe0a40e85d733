import { childAbort } from './child-abort.ts';
import { raceAbort } from './race-abort.ts';

/** A wait that took longer than it may. */
export class DeadlineExceeded extends Error {
  readonly ms: number;

  constructor(reason: string, ms: number) {
    super(`${reason}: not done within ${ms} ms`);
    this.name = 'DeadlineExceeded';
    this.ms = ms;
  }
}

export interface DeadlineOptions {
  /** Ends the wait early, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** What is waited for, in words; the start of the error's message. */
  readonly reason?: string;
}

/**
 * Waits for `work` for at most `ms` milliseconds. Given as a function, the work receives a signal that aborts when the
 * wait is given up (deadline or outer signal), so that it can stop; a bare promise goes on unheard.
 * @throws DeadlineExceeded at the deadline, the signal's reason on abort, or what the work throws.
 */
export async function withDeadline<T>(
  work: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T>),
  ms: number,
  options: DeadlineOptions = {},
): Promise<T> {
  using giveUp = childAbort(options.signal);
  const timer = setTimeout(() => giveUp.abort(new DeadlineExceeded(options.reason ?? 'wait', ms)), ms);
  try {
    giveUp.signal.throwIfAborted();
    return await raceAbort(typeof work === 'function' ? work(giveUp.signal) : work, giveUp.signal);
  } finally {
    clearTimeout(timer);
    if (typeof work !== 'function') Promise.resolve(work).catch(() => undefined);
  }
}
