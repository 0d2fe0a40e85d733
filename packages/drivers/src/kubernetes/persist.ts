import { sleep } from '@reveille/lifecycle';
import type { DriverContext } from '@reveille/orchestration';
import { isAway } from './api-server.ts';

/** Pause before a server that was away is asked again, milliseconds. */
const AGAIN_MS = 1000;

/** What a user reads meanwhile: no addresses. */
export const awayWords = 'the API server of the cluster cannot be reached, asking again';

/**
 * Makes a step of a start again while the API server is away, so that a server that comes back finds it going on. The step may have been
 * made and its answer lost: only for what may be made twice. @throws what kept it away, when the deadline is over.
 */
export async function persist<T>(
  { signal, progress }: Pick<DriverContext, 'signal' | 'progress'>,
  step: () => Promise<T>,
): Promise<T> {
  let isSaid = false;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (!isAway(error)) throw error;
      if (!isSaid) progress({ phase: 'starting', detail: awayWords });
      isSaid = true;
      await sleep(AGAIN_MS, signal).catch((reason: unknown) => {
        throw isLate(signal) ? error : reason;
      });
    }
  }
}

/** Its deadline is over, and not that somebody gave it up. */
export function isLate(signal: AbortSignal): boolean {
  return signal.aborted && (signal.reason as Error | undefined)?.name === 'TimeoutError';
}
