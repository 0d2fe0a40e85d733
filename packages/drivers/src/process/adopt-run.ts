import type { Endpoint } from '@reveille/contracts';
import { interval } from '@reveille/lifecycle';
import type { Exit } from '@reveille/orchestration';
import type { MarkedProcess, ProcessTable } from './process-table.ts';
import type { ProcessRun } from './spawn-run.ts';

/** How often a run that is not a child of this process is looked at. */
const LOOK_EVERY_MS = 250;

/**
 * A run that another process started. Its end is noticed by looking, its exit status and its output are not ours to see:
 * `exited` resolves with nulls and `logs()` is empty.
 */
export function adoptRun(
  leader: MarkedProcess,
  options: {
    endpoint: Endpoint | undefined;
    table: ProcessTable;
    /** Ends the looking. */
    signal: AbortSignal;
    onError(error: unknown): void;
  },
): ProcessRun {
  const exit = Promise.withResolvers<Exit>();
  let ended = false;
  const gone = new AbortController();
  const look = async (): Promise<void> => {
    const now = await options.table.find(leader.pid);
    if (now?.startedAt === leader.startedAt) return;
    ended = true;
    gone.abort();
    exit.resolve({ code: null, signal: null });
  };
  interval(LOOK_EVERY_MS, look, {
    signal: AbortSignal.any([options.signal, gone.signal]),
    onError: options.onError,
    immediate: true,
  });
  return {
    name: leader.mark.name,
    endpoint: options.endpoint,
    pid: leader.pid,
    markText: leader.markText,
    exited: exit.promise,
    get ended() {
      return ended;
    },
    logs: () => [],
    onLine: () => () => undefined,
  };
}
