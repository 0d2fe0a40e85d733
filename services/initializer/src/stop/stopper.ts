import type { DriverName, InstanceKey, LedgerRecord } from '@reveille/contracts';
import {
  type Broker,
  type Driver,
  type Reading,
  type StartRequest,
  type StopReason,
  timing,
} from '@reveille/orchestration';
import { ATTRIBUTE, type Logger, SPAN, withSpan } from '@reveille/telemetry';
import type { Reconciler } from '../reconcile/reconciler.ts';
import { LeaseKeeper } from '../start/lease-keeper.ts';
import { runNameOf } from '../start/start-request.ts';
import type { Hosts } from '../subject/hosts.ts';
import type { Subject } from '../subject/subject.ts';
import { holdersOf, isOfOlderEntry } from './holders.ts';

/** How a driver was asked for the run of a record. */
type RequestOf = (record: LedgerRecord, subject: Subject) => Promise<StartRequest>;

/** Stops instances under a new epoch, and says so only when nothing of them runs any more. */
export class Stopper implements AsyncDisposable {
  readonly #broker: Broker;
  readonly #reconciler: Reconciler;
  readonly #hosts: Hosts;
  readonly #driverOf: (subject: Subject) => Driver;
  readonly #drivers: ReadonlyMap<DriverName, Driver>;
  readonly #requestOf: RequestOf | undefined;
  readonly #owner: string;
  readonly #logger: Logger;
  readonly #underWay = new Map<InstanceKey, Promise<void>>();

  constructor(of: {
    broker: Broker;
    reconciler: Reconciler;
    hosts: Hosts;
    driverOf: (subject: Subject) => Driver;
    drivers: ReadonlyMap<DriverName, Driver>;
    requestOf?: RequestOf;
    owner: string;
    logger: Logger;
  }) {
    this.#broker = of.broker;
    this.#reconciler = of.reconciler;
    this.#hosts = of.hosts;
    this.#driverOf = of.driverOf;
    this.#drivers = of.drivers;
    this.#requestOf = of.requestOf;
    this.#owner = of.owner;
    this.#logger = of.logger;
  }

  /** Resolves when it is stopped, or cannot be, or is stopped by somebody else. Never rejects. */
  stop(reading: Reading, subject: Subject, reason: StopReason): Promise<void> {
    const { instance } = reading;
    const running = this.#underWay.get(instance);
    if (running) return running;
    const done = this.#stop(reading, subject, reason)
      .catch((error: unknown) => this.#logger.error({ instance, err: error }, 'a stop failed; the sweep tries again'))
      .finally(() => this.#underWay.delete(instance));
    this.#underWay.set(instance, done);
    return done;
  }

  /** Stops that are under way are finished: whoever started the services ends with them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#underWay.values());
  }

  async #stop(reading: Reading, subject: Subject, reason: StopReason): Promise<void> {
    const since = performance.now();
    const stopping = await this.#reconciler.commands.applyTo(reading, { kind: 'stop', owner: this.#owner, reason });
    if (!stopping.applied) {
      if (stopping.refused === 'conflict') this.#reconciler.wake([reading.instance]);
      return;
    }
    const { record } = stopping;
    const keeper = new LeaseKeeper({
      ledger: this.#broker.ledger,
      owner: this.#owner,
      instance: record.instance,
      epoch: record.epoch,
      logger: this.#logger,
      since,
      onRenewed: () => this.#reconciler.places.hold(record),
    });
    try {
      const parent = record.origin?.traceparent;
      const attributes = { [ATTRIBUTE.instance]: record.instance, [ATTRIBUTE.generation]: record.generation };
      await withSpan(SPAN.stop, { attributes, ...(parent === undefined ? {} : { parent }) }, async () => {
        const confirmed = await this.#endRun(record, subject, keeper.lost);
        if (!confirmed || !keeper.trusted()) return;
        const { retry, cooldownMs } = subject.spec;
        const policy = { retry, cooldownMs, random: Math.random() };
        await this.#reconciler.commands.apply(record.instance, { kind: 'stopped', epoch: record.epoch, policy });
        this.#logger.info(
          { instance: record.instance, generation: record.generation, reason: record.stopReason },
          'stopped',
        );
      });
    } finally {
      await keeper[Symbol.asyncDispose]();
    }
    this.#reconciler.wake([record.instance]);
  }

  /** True when nothing of the run is left. Only a `replaceable` instance goes on without that, after the reap deadline. */
  async #endRun(record: LedgerRecord, subject: Subject, lost: AbortSignal): Promise<boolean> {
    const onDeadHost = record.host !== undefined && !(await this.#hosts.alive()).has(record.host);
    // What lives on a host dies with its last initializer: there is nothing to stop.
    if (onDeadHost) return true;
    const { instance, generation } = record;
    const run = { name: record.intent?.name ?? runNameOf(record), instance, generation };
    const signal = AbortSignal.any([
      lost,
      AbortSignal.timeout(subject.spec.stop.graceMs + timing.reapDeadlineMs.value),
    ]);
    const requestOf = this.#requestOf;
    const options = {
      graceMs: subject.spec.stop.graceMs,
      signal,
      ...(requestOf === undefined ? {} : { request: () => requestOf(record, subject) }),
    };
    // What an older entry of the catalog has started may be seen by another driver than the one that it names now.
    const holders = isOfOlderEntry(record, subject) ? await holdersOf(this.#drivers.values(), run.name, signal) : [];
    const drivers = holders.length === 0 ? [this.#driverOf(subject)] : holders;
    const outcomes = await Promise.all(drivers.map((driver) => driver.stop(run, options)));
    const unstopped = outcomes.find((outcome) => !outcome.stopped);
    if (unstopped === undefined) return true;
    this.#logger.error({ instance, generation, reason: unstopped.reason }, 'a stop could not be confirmed');
    return subject.spec.replaceable && !lost.aborted;
  }
}
