import { interval } from '@reveille/lifecycle';
import { type Driver, type Ledger, type Reading, type RunName, timing } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';

/** What is reaped gets so long to end by itself, milliseconds. */
const graceMs = 5000;
/** Share of the pause by which looks differ, so that initializers do not look all at once. */
const jitter = 0.2;
/**
 * A run that the ledger does not know is left alone for so long, milliseconds: a ledger that was just emptied, or lost its last
 * writes, knows nothing, and what is still wanted is written anew within seconds.
 */
const unknownMs = timing.interestTtlMs.value;
/**
 * How often what runs is compared with what the ledger claims, milliseconds. What nobody owns is gone within the reap deadline at
 * the longest jitter: one pause until it is first seen, its time as unknown, one pause until the look after that, its grace.
 */
export const leftoverLookMs = Math.floor((timing.reapDeadlineMs.value - unknownMs - graceMs) / (2 * (1 + jitter)));

export type Claim = 'claimed' | 'unclaimed' | 'unknown';

/** Whether the ledger claims a run that was found on this host, as far as can be told. */
export function claimOf(run: RunName, reading: Reading | undefined, host: string): Claim {
  const record = reading?.record;
  // On the other side of a partition it may be what users talk to, whether this side has none or another generation.
  if (reading?.unconfirmed === true) return 'claimed';
  if (record?.draining?.generation === run.generation) return 'claimed';
  if (record?.successor?.generation === run.generation) return record.successor.failed ? 'unclaimed' : 'claimed';
  if (record === undefined || record.generation < run.generation) return 'unknown';
  if (record.generation > run.generation) return 'unclaimed';
  if (record.state === 'cold' || record.state === 'failed')
    return reading?.lease === undefined ? 'unclaimed' : 'claimed';
  // The same generation became ready on another host, after the initializer of this one had been taken for dead.
  return record.state === 'ready' && record.host !== undefined && record.host !== host ? 'unclaimed' : 'claimed';
}

/** Reaps what runs under our names and no record claims. Only on a fresh reading of the ledger. */
export function startLeftovers(of: {
  ledger: Ledger;
  drivers: Iterable<Driver>;
  host: string;
  logger: Logger;
}): AsyncDisposable {
  const drivers = [...of.drivers];
  const unknownSince = new UnknownSince();
  const lookAt = async (driver: Driver, signal: AbortSignal): Promise<void> => {
    const runs = await driver.list(signal);
    const readings = runs.length === 0 ? [] : await of.ledger.read(runs.map((run) => run.instance));
    const claims = runs.map((run, index) => ({ run, claim: claimOf(run, readings[index], of.host) }));
    const reaped = unknownSince.sift(driver.driver, claims, performance.now());
    for (const { run, claim } of reaped) {
      const outcome = await driver.stop(run, { graceMs, signal });
      of.logger.warn({ run: run.name, claim, outcome }, 'a leftover was stopped: no record claims it');
    }
  };
  const look = async (signal: AbortSignal): Promise<void> => {
    // One after the other; what one driver cannot see says nothing about what another one sees.
    for (const driver of drivers)
      await lookAt(driver, signal).catch((error: unknown) => {
        // Nothing was read, so nothing is known any longer.
        unknownSince.forget(driver.driver);
        of.logger.warn({ err: error, driver: driver.driver }, 'leftovers could not be looked for');
      });
  };
  return interval(leftoverLookMs, look, {
    jitter,
    immediate: true,
    onError: (error) => of.logger.error({ err: error }, 'the look for leftovers failed'),
  });
}

/** Since when runs have been unknown to the ledger, look after look. */
export class UnknownSince {
  readonly #since = new Map<string, Map<string, number>>();

  /** What is to be reaped now: what is unclaimed, and what has been unknown for long enough. */
  sift<T extends { run: RunName; claim: Claim }>(driver: string, found: readonly T[], nowMs: number): T[] {
    const before = this.#since.get(driver);
    const unknown = found.filter((one) => one.claim === 'unknown');
    const since = new Map(unknown.map(({ run }) => [run.name, before?.get(run.name) ?? nowMs]));
    this.#since.set(driver, since);
    return found.filter(
      ({ run, claim }) =>
        claim === 'unclaimed' || (claim === 'unknown' && nowMs - (since.get(run.name) ?? nowMs) >= unknownMs),
    );
  }

  forget(driver: string): void {
    this.#since.delete(driver);
  }
}
