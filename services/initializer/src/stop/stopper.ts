import type { InstanceKey } from '@reveille/contracts';
import { type Broker, type Reading, runsOf, type StopReason } from '@reveille/orchestration';
import { ATTRIBUTE, type Logger, SPAN, withSpan } from '@reveille/telemetry';
import type { Reconciler } from '../reconcile/reconciler.ts';
import { LeaseKeeper } from '../start/lease-keeper.ts';
import type { Subject } from '../subject/subject.ts';
import type { RunEnds } from './run-ends.ts';

/** Stops instances under a new epoch, and says so only when nothing of them runs any more. */
export class Stopper implements AsyncDisposable {
  readonly #broker: Broker;
  readonly #reconciler: Reconciler;
  readonly #runs: Pick<RunEnds, 'end'>;
  readonly #cease: (instance: InstanceKey) => Promise<void>;
  readonly #owner: string;
  readonly #logger: Logger;
  readonly #underWay = new Map<InstanceKey, Promise<void>>();

  constructor(of: {
    broker: Broker;
    reconciler: Reconciler;
    runs: Pick<RunEnds, 'end'>;
    /** Nothing is started for the instance any more when it resolves, and nobody here looks whether it lives. */
    cease?: (instance: InstanceKey) => Promise<void>;
    owner: string;
    logger: Logger;
  }) {
    this.#broker = of.broker;
    this.#reconciler = of.reconciler;
    this.#runs = of.runs;
    this.#cease = of.cease ?? (() => Promise.resolve());
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
        await this.#cease(record.instance);
        const ended = await Promise.all(runsOf(record).map((run) => this.#runs.end(record, run, subject, keeper.lost)));
        if (!ended.every(Boolean) || !keeper.trusted()) return;
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
}
