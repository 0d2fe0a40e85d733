import type { Endpoint } from '@reveille/contracts';
import { sleep } from '@reveille/lifecycle';
import type { Exit, Running, StartRequest } from '@reveille/orchestration';
import type { Calls } from './calls.ts';

export interface CallRun extends Running {
  readonly request: StartRequest;
  readonly calls: Calls;
  readonly ended: boolean;
  /** It was stopped, or is known to be gone. */
  end(): void;
}

/** Pause between two questions for the status: short after the start, when an end is likely. Milliseconds. */
export type AskPace = { first: number; factor: number; last: number };

/**
 * Something that somebody else runs. Its end is noticed by asking for its status, where the catalog says how; an answer that cannot be
 * had says nothing. It has no log here.
 */
export function followCalls(of: {
  request: StartRequest;
  calls: Calls;
  endpoint: Endpoint | undefined;
  timeoutMs: number;
  pace: AskPace;
  /** Ends the asking. */
  signal: AbortSignal;
  onError(error: unknown): void;
}): CallRun {
  const { request, calls, pace } = of;
  const exit = Promise.withResolvers<Exit>();
  const over = new AbortController();
  const end = (): void => {
    over.abort();
    exit.resolve({ code: null, signal: null });
  };
  const signal = AbortSignal.any([of.signal, over.signal]);
  const ask = async (): Promise<void> => {
    let isAway = false;
    for (let pauseMs = pace.first; ; pauseMs = Math.min(pauseMs * pace.factor, pace.last)) {
      await sleep(pauseMs, signal, { ref: false });
      try {
        const told = await calls.status({ signal, timeoutMs: of.timeoutMs });
        isAway = false;
        if (!told.runs) return end();
      } catch (error) {
        signal.throwIfAborted();
        // Once for each time that it cannot be learnt, however long.
        if (!isAway) of.onError(error);
        isAway = true;
      }
    }
  };
  if (calls.canTell) ask().catch(() => undefined);
  return {
    ...{ name: request.name, request, calls, endpoint: of.endpoint, exited: exit.promise, end },
    get ended() {
      return over.signal.aborted;
    },
    logs: () => [],
    onLine: () => () => undefined,
  };
}
