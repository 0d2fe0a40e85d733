import { childAbort } from './child-abort.ts';
import { sleep } from './sleep.ts';

export interface IntervalOptions {
  /** Ends the loop. */
  readonly signal?: AbortSignal;
  /** Share of the pause that is random, 0 to 1: each pause lies between `everyMs × (1 − jitter)` and `everyMs × (1 + jitter)`. */
  readonly jitter?: number;
  /** Receives every error of `fn`; the loop goes on. Should it throw itself, the loop ends with an unhandled rejection. */
  readonly onError: (error: unknown) => void;
  /** First run at once rather than after the first pause. Default `false`. */
  readonly immediate?: boolean;
  /** Source of the jitter, 0 ≤ x < 1. */
  readonly random?: () => number;
}

/** What ends a loop that is disposed of. Made once: there is one for each instance that is watched. */
const intervalIsOver = new Error('the interval is over');

/**
 * Runs `fn` again and again with a pause of `everyMs` between the end of one run and the start of the next, so that runs
 * never overlap. The timer does not keep the process alive. Disposing ends the loop and waits for the run under way, whose
 * signal aborts; errors that come of that abort are not reported.
 */
export function interval(
  everyMs: number,
  fn: (signal: AbortSignal) => unknown,
  options: IntervalOptions,
): AsyncDisposable {
  const own = childAbort(options.signal);
  const { signal } = own;
  const random = options.random ?? Math.random;
  const jitter = options.jitter ?? 0;

  const loop = async (): Promise<void> => {
    let pause = options.immediate !== true;
    while (!signal.aborted) {
      if (pause) {
        const ms = everyMs * (1 + jitter * (2 * random() - 1));
        const slept = await sleep(ms, signal, { ref: false }).then(
          () => true,
          () => false,
        );
        if (!slept) return;
      }
      pause = true;
      try {
        await fn(signal);
      } catch (error) {
        if (!(signal.aborted && error === signal.reason)) options.onError(error);
      }
    }
  };

  const ended = loop();
  return {
    async [Symbol.asyncDispose]() {
      own.abort(intervalIsOver);
      own[Symbol.dispose]();
      await ended;
    },
  };
}
