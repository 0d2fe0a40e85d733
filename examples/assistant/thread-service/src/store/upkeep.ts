import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@reveille/telemetry';
import { sql } from 'kysely';
import type { OpenDatabase } from '../database/opened.ts';
import { expireThreads } from './expire-threads.ts';

/** Threads removed in one step: a table may have 10 MiB, and whoever asks meanwhile waits for the step. */
const MOST_PER_STEP = 10;
const BETWEEN_STEPS_MS = 200;
const BETWEEN_LOOKS_MS = 3_600_000;

/** Removes, now and each hour, the threads that nobody used for so many days, in small steps. What fails is tried again at the next look. */
export function keepExpiring(
  { db, kind }: Pick<OpenDatabase, 'db' | 'kind'>,
  afterDays: number,
  log: Logger,
): AsyncDisposable {
  const ending = new AbortController();
  const { signal } = ending;
  const wait = (ms: number): Promise<unknown> => pause(ms, undefined, { signal, ref: false }).catch(() => undefined);
  const look = async (): Promise<void> => {
    let removed = 0;
    for (let last = MOST_PER_STEP; last === MOST_PER_STEP && !signal.aborted;) {
      last = await expireThreads(db, afterDays, MOST_PER_STEP);
      removed += last;
      if (last === MOST_PER_STEP) await wait(BETWEEN_STEPS_MS);
    }
    if (removed === 0) return;
    log.info({ removed, afterDays }, 'threads that nobody used were removed');
    // A server does this by itself.
    if (kind === 'embedded' && !signal.aborted) await sql`vacuum`.execute(db);
  };
  const running = (async () => {
    while (!signal.aborted) {
      await look().catch((error: unknown) => log.warn({ err: error }, 'old threads could not be removed'));
      await wait(BETWEEN_LOOKS_MS);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      ending.abort();
      await running;
    },
  };
}
