import type { DriverName, LedgerRecord } from '@reveille/contracts';
import { type Driver, type OwnedRun, recordOfRun, runNameOf, type StartRequest, timing } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import type { Hosts } from '../subject/hosts.ts';
import type { Subject } from '../subject/subject.ts';
import { holdersOf, isOfOlderEntry } from './holders.ts';

type Parts = {
  hosts: Hosts;
  driverOf: (subject: Subject) => Driver;
  drivers: ReadonlyMap<DriverName, Driver>;
  /** How a driver was asked for the run of a record. */
  requestOf?: (record: LedgerRecord, subject: Subject) => Promise<StartRequest>;
  logger: Logger;
};

/** Ends single runs, whatever entry of the catalog and driver they were started by. */
export class RunEnds {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** True when nothing of the run is left. Only a `replaceable` instance goes on without that, after the reap deadline. */
  async end(record: LedgerRecord, of: OwnedRun, subject: Subject, lost: AbortSignal): Promise<boolean> {
    const { hosts, driverOf, drivers, requestOf, logger } = this.#parts;
    const onDeadHost = of.host !== undefined && !(await hosts.alive()).has(of.host);
    // What lives on a host dies with its last initializer: there is nothing to stop.
    if (onDeadHost) return true;
    const own = recordOfRun(record, of);
    const { instance, generation } = own;
    const run = { name: of.intent?.name ?? runNameOf(own), instance, generation };
    const { graceMs } = subject.spec.stop;
    const signal = AbortSignal.any([lost, AbortSignal.timeout(graceMs + timing.reapDeadlineMs.value)]);
    const options = {
      ...{ graceMs, signal },
      ...(requestOf === undefined ? {} : { request: () => requestOf(own, subject) }),
    };
    // What an older entry of the catalog has started may be seen by another driver than the one that it names now.
    const holders = isOfOlderEntry(own, subject) ? await holdersOf(drivers.values(), run.name, signal) : [];
    const stopping = holders.length === 0 ? [driverOf(subject)] : holders;
    const outcomes = await Promise.all(stopping.map((driver) => driver.stop(run, options)));
    const unstopped = outcomes.find((outcome) => !outcome.stopped);
    if (unstopped === undefined) return true;
    logger.error({ instance, generation, reason: unstopped.reason }, 'a stop could not be confirmed');
    return subject.spec.replaceable && !lost.aborted;
  }
}
