import process from 'node:process';
import { exitCodes } from '../cli/exit-code.ts';
import type { Ending } from './ending.ts';

/** npm and the terminal both hand on one Ctrl-C; a person's second press comes later than this. */
const repeatMs = 500;

/**
 * Ends a command from outside: Ctrl-C (or another signal), or the time it was given. A second Ctrl-C ends the process at once.
 * Disposing it gives the signals back.
 */
export function watchStops(timeoutMs: number | undefined, onStop: (ending: Ending) => void): Disposable {
  let firstAt: number | undefined;
  const onSignal = (): void => {
    if (firstAt !== undefined && performance.now() - firstAt >= repeatMs) process.exit(exitCodes.interrupted);
    if (firstAt !== undefined) return;
    firstAt = performance.now();
    onStop({ code: exitCodes.interrupted });
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(
          () => onStop({ code: exitCodes.deadline, words: `Not done within ${timeoutMs} ms (--timeout); left.` }),
          timeoutMs,
        );
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
