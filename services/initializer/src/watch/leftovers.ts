import { interval } from '@reveille/lifecycle';
import type { Driver, Ledger, Reading, RunName } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';

/** How often what runs is compared with what the ledger claims, milliseconds: below the reap deadline. */
const everyMs = 10_000;
/** What is reaped gets so long to end by itself, milliseconds. */
const graceMs = 5000;

/**
 * Reaps what runs under our names and no record claims. Only on a fresh reading of the ledger; a run without any record is left
 * alone, since a ledger that was just emptied knows nothing.
 */
export function startLeftovers(of: { ledger: Ledger; drivers: Iterable<Driver>; logger: Logger }): AsyncDisposable {
  const look = async (signal: AbortSignal): Promise<void> => {
    for (const driver of of.drivers) {
      const runs = await driver.list(signal);
      const unclaimed = await unclaimedOf(of.ledger, runs);
      for (const run of unclaimed) {
        const outcome = await driver.stop(run, { graceMs, signal });
        of.logger.warn({ run: run.name, outcome }, 'a leftover was stopped: no record claims it');
      }
    }
  };
  return interval(everyMs, look, {
    jitter: 0.2,
    immediate: true,
    onError: (error) => of.logger.warn({ err: error }, 'leftovers could not be looked for'),
  });
}

async function unclaimedOf(ledger: Ledger, runs: readonly RunName[]): Promise<RunName[]> {
  if (runs.length === 0) return [];
  const readings = await ledger.read(runs.map((run) => run.instance));
  return runs.filter((run, index) => isUnclaimed(run, readings[index]));
}

export function isUnclaimed(run: RunName, reading: Reading | undefined): boolean {
  const record = reading?.record;
  if (record === undefined) return false;
  if (record.generation !== run.generation) return record.generation > run.generation;
  return (record.state === 'cold' || record.state === 'failed') && reading?.lease === undefined;
}
