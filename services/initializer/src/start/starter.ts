import type { Failure, InstanceKey, LedgerRecord, StartJob } from '@reveille/contracts';
import type { LoadedCatalog } from '@reveille/catalog';
import type { Broker, Driver, Reading, Running } from '@reveille/orchestration';
import {
  ATTRIBUTE,
  currentTraceparent,
  type Logger,
  type Metrics,
  newTraceparent,
  SPAN,
  withSpan,
} from '@reveille/telemetry';
import type { Looked, Reconciler } from '../reconcile/reconciler.ts';
import type { Stopper } from '../stop/stopper.ts';
import type { Hosts } from '../subject/hosts.ts';
import type { Subject } from '../subject/subject.ts';
import type { Watcher } from '../watch/watcher.ts';
import { runAttempt } from './attempt.ts';
import { AttemptEnded } from './attempt-ended.ts';
import { failureOf } from './failure-of.ts';
import { InterestLook } from './interest-look.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import type { Reports } from './reports.ts';
import { runNameOf, startRequestOf } from './start-request.ts';

export type StarterParts = {
  broker: Broker;
  reconciler: Reconciler;
  watcher: Watcher;
  stopper: Stopper;
  reports: Reports;
  hosts: Hosts;
  driverOf: (subject: Subject) => Driver;
  catalog: () => LoadedCatalog;
  owner: string;
  rootSecret: string;
  edgeKey: string | undefined;
  logger: Logger;
  metrics: Metrics;
};

/** Takes start jobs: claims the attempt, makes it, and commits how it ended. */
export class Starter {
  readonly #parts: StarterParts;
  readonly #shutdown = new AbortController();
  readonly #underWay = new Map<InstanceKey, Promise<void>>();

  constructor(parts: StarterParts) {
    this.#parts = parts;
  }

  /** Resolves when the attempt has ended one way or the other. A job that is not true (any more) only reconciles. */
  async run(job: StartJob): Promise<void> {
    if (this.#shutdown.signal.aborted || this.#underWay.has(job.instance)) return;
    const done = this.#claimAndStart(job);
    this.#underWay.set(job.instance, done);
    try {
      await done;
    } finally {
      this.#underWay.delete(job.instance);
    }
    await this.#parts.reconciler.reconcile(job.instance);
  }

  /** Starts under way are let go, so that another initializer takes them at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#shutdown.abort(new AttemptEnded('shutdown'));
    await Promise.allSettled(this.#underWay.values());
  }

  async #claimAndStart(job: StartJob): Promise<void> {
    const looked = await this.#parts.reconciler.situation(job.instance);
    const { decision, reading, subject } = looked ?? {};
    if (!looked || decision?.next !== 'enqueue_start' || decision.delayMs > 0 || !reading || !subject) return;
    if (reading.record?.generation !== job.generation || decision.attempt !== job.attempt) return;
    const parent = job.origin?.traceparent ?? newTraceparent();
    const attributes = {
      [ATTRIBUTE.service]: subject.identity.service,
      [ATTRIBUTE.instance]: job.instance,
      [ATTRIBUTE.generation]: job.generation,
      [ATTRIBUTE.attempt]: job.attempt,
    };
    await withSpan(SPAN.start, { parent, attributes }, async (span) => {
      const claimed = await this.#claim(looked, reading.record as LedgerRecord);
      if (claimed === undefined) return void span.setAttribute(ATTRIBUTE.outcome, 'not_claimed');
      const failure = await this.#make(claimed, looked);
      const outcome = failure?.code ?? 'ready';
      span.setAttribute(ATTRIBUTE.outcome, outcome);
      this.#parts.metrics.counter('starts').inc({ service: subject.identity.service, outcome });
    });
  }

  async #claim({ subject, reading }: Looked, record: LedgerRecord): Promise<Claimed | undefined> {
    const { reconciler, hosts, owner } = this.#parts;
    const since = performance.now();
    const { spec } = subject;
    const result = await reconciler.commands.applyTo(reading, {
      kind: 'claim',
      owner,
      host: hosts.ownHost(spec),
      name: runNameOf(record),
      attempts: spec.retry.attempts,
    });
    if (result.applied) return { record: result.record, since };
    if (result.refused === 'worn_out') await this.#giveUp(reading, record, subject);
    return undefined;
  }

  async #giveUp(reading: Reading, record: LedgerRecord, subject: Subject): Promise<void> {
    const traceparent = record.origin?.traceparent ?? newTraceparent();
    const error = new Error(
      `its start was taken ${record.attempt} times, and each time its initializer ended meanwhile`,
    );
    const failure = failureOf(error, { record, subject, phase: 'starting', traceparent });
    await this.#parts.reconciler.commands.applyTo(reading, {
      kind: 'give_up',
      failure,
      policy: { retry: subject.spec.retry, cooldownMs: subject.spec.cooldownMs, random: Math.random() },
    });
  }

  /** Makes the claimed attempt. Resolves with its failure, or undefined when it is ready, let go, cancelled or lost. */
  async #make({ record, since }: Claimed, { subject, dependencies }: Looked): Promise<Failure | undefined> {
    const { broker, owner, logger, watcher, metrics } = this.#parts;
    const traceparent = currentTraceparent() ?? newTraceparent();
    const driver = this.#parts.driverOf(subject);
    const edgeKeys = this.#parts.edgeKey ? [this.#parts.edgeKey] : await this.#parts.hosts.edgeKeys();
    const { request, keys } = startRequestOf({
      record,
      subject,
      dependencies,
      catalog: this.#parts.catalog(),
      reports: this.#parts.reports,
      rootSecret: this.#parts.rootSecret,
      edgeKey: edgeKeys.join(','),
      traceparent,
    });
    const interest = new InterestLook(broker.ledger, record.instance, logger);
    const keeper = new LeaseKeeper({
      ledger: broker.ledger,
      owner,
      instance: record.instance,
      epoch: record.epoch,
      logger,
      since,
      onRenewed: () => void interest.look(),
    });
    let running: Running | undefined;
    let phase = 'starting';
    try {
      const attempt = await runAttempt({
        driver,
        request,
        reports: this.#parts.reports,
        signal: AbortSignal.any([keeper.lost, interest.gone, this.#shutdown.signal]),
        onRunning: (started) => (running = started),
        onProgress: async (progress) => {
          phase = progress.phase;
          if (keeper.trusted()) await this.#command(record, { kind: 'progress', epoch: record.epoch, progress });
        },
        onProgressLost: (error) =>
          logger.warn({ instance: record.instance, err: error }, 'progress could not be written'),
      });
      keeper.lost.throwIfAborted();
      const command = {
        kind: 'ready',
        epoch: record.epoch,
        owner,
        endpoint: attempt.endpoint,
        publicKey: keys.publicKey,
      } as const;
      const result = keeper.trusted() ? await this.#command(record, command) : undefined;
      await keeper[Symbol.asyncDispose]();
      if (!result?.applied) {
        logger.warn(
          { instance: record.instance, refused: result?.refused },
          'ready, but no longer ours to say so: let go',
        );
        return undefined;
      }
      const { claimedAt, readyAt } = result.record.timings;
      if (claimedAt && readyAt)
        metrics.histogram('startDurationMs').observe({ service: record.service }, readyAt - claimedAt);
      logger.info({ instance: record.instance, generation: record.generation, url: attempt.endpoint.url }, 'ready');
      watcher.watch(result.record, subject, attempt.running);
      return undefined;
    } catch (error) {
      return await this.#ended(error, { record, subject, keeper, driver, running, phase, traceparent });
    } finally {
      await keeper[Symbol.asyncDispose]();
    }
  }

  /** What must be done when an attempt did not become ready. */
  async #ended(
    error: unknown,
    at: {
      record: LedgerRecord;
      subject: Subject;
      keeper: LeaseKeeper;
      driver: Driver;
      running: Running | undefined;
      phase: string;
      traceparent: string;
    },
  ): Promise<Failure | undefined> {
    const { record, subject, keeper, driver } = at;
    const { logger, stopper } = this.#parts;
    const log = { instance: record.instance, generation: record.generation, attempt: record.attempt };
    if (!keeper.trusted()) {
      logger.warn({ ...log, err: error }, 'the claim is lost: nothing more is done and nothing is killed');
      return undefined;
    }
    if (error instanceof AttemptEnded && error.why === 'unwanted') {
      logger.info(log, 'nobody waits for it any more: cancelled');
      const [reading] = await this.#parts.broker.ledger.read([record.instance]);
      if (reading?.record) await stopper.stop(reading, subject, 'cancelled');
      return undefined;
    }
    const run = {
      name: record.intent?.name ?? runNameOf(record),
      instance: record.instance,
      generation: record.generation,
    };
    const logTail = at.running?.logs() ?? [];
    const stopped = await driver.stop(run, { graceMs: subject.spec.stop.graceMs, signal: keeper.lost });
    if (!stopped.stopped)
      logger.error({ ...log, reason: stopped.reason }, 'what an attempt left running could not be stopped');
    if (error instanceof AttemptEnded && error.why === 'shutdown') {
      await this.#command(record, { kind: 'let_go', epoch: record.epoch });
      return undefined;
    }
    const failure = failureOf(error, { record, subject, phase: at.phase, traceparent: at.traceparent });
    const told = failure.logTail || logTail.length === 0 ? failure : { ...failure, logTail: logTail.slice(-20) };
    logger.warn({ ...log, code: failure.code, err: error }, 'an attempt failed');
    await this.#command(record, {
      kind: 'attempt_failed',
      epoch: record.epoch,
      failure: told,
      policy: { retry: subject.spec.retry, cooldownMs: subject.spec.cooldownMs, random: Math.random() },
    });
    return failure;
  }

  #command(record: LedgerRecord, command: Parameters<Reconciler['commands']['apply']>[1]) {
    return this.#parts.reconciler.commands.apply(record.instance, command);
  }
}

type Claimed = { record: LedgerRecord; since: number };
