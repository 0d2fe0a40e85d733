import type { KeyObject } from 'node:crypto';
import type { Failure, InstanceKey, LedgerRecord, StartJob } from '@reveille/contracts';
import type { LoadedCatalog } from '@reveille/catalog';
import type { Broker, Driver, Reading, Running, StartRequest } from '@reveille/orchestration';
import { runNameOf } from '@reveille/orchestration';
import {
  ATTRIBUTE,
  currentTraceparent,
  failSpan,
  type Logger,
  type Metrics,
  newTraceparent,
  runWithTraceparent,
  SPAN,
  withSpan,
} from '@reveille/telemetry';
import type { Known } from '../reconcile/apply.ts';
import type { Looked } from '../reconcile/looks.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import type { Stopper } from '../stop/stopper.ts';
import type { Hosts } from '../subject/hosts.ts';
import type { Subject } from '../subject/subject.ts';
import type { Watcher } from '../watch/watcher.ts';
import { runAttempt } from './attempt.ts';
import { AttemptEnded } from './attempt-ended.ts';
import { commitReady } from './commit-ready.ts';
import { endAttempt } from './end-attempt.ts';
import { InterestLook } from './interest-look.ts';
import { LeaseKeeper, LeaseLost } from './lease-keeper.ts';
import type { Reports } from './reports.ts';
import { giveUp, type NotClaimed, refuse } from './not-claimed.ts';
import { startLabels } from './start-labels.ts';
import { startRequestOf } from './start-request.ts';
import { startSpanOf } from './start-span.ts';

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
  rootSecret: KeyObject;
  edgeKey: string | undefined;
  logger: Logger;
  metrics: Metrics;
};

/** Conflicts in a row before a start is left to the sweep: each means that somebody joined or left meanwhile. */
const claimBound = 10;

/** Takes start jobs: claims the attempt, makes it, and commits how it ended. */
export class Starter {
  readonly #parts: StarterParts;
  readonly #shutdown = new AbortController();
  readonly #underWay = new Map<InstanceKey, Promise<unknown>>();

  constructor(parts: StarterParts) {
    this.#parts = parts;
  }

  /** Aborts when starts are let go and no further ones are taken. */
  get ending(): AbortSignal {
    return this.#shutdown.signal;
  }

  /**
   * Resolves when the attempt has ended one way or the other. A job that is not true (any more) only reconciles.
   * @param looked the instance as it was looked at just now, if it was: what it is queued for may be written nowhere yet
   */
  async run(job: StartJob, looked?: Looked): Promise<void> {
    if (this.#shutdown.signal.aborted || this.#underWay.has(job.instance)) return;
    const made = this.#claimAndStart(job, looked);
    this.#underWay.set(job.instance, made);
    const left = await made.finally(() => this.#underWay.delete(job.instance));
    const { reconciler } = this.#parts;
    if (typeof left === 'object') return reconciler.settle(left.looked, left.after);
    await reconciler.reconcile(job.instance, left === 'unclaimed' && looked ? { origin: job.origin } : {});
  }

  /** Starts under way are let go, so that another initializer takes them at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#shutdown.abort(new AttemptEnded('shutdown'));
    await Promise.allSettled(this.#underWay.values());
  }

  /**
   * A conflict is decided anew here and not by another job: while this one is being handled, its id is taken, and one with the
   * same id would silently not be added.
   */
  async #claimAndStart(job: StartJob, given: Looked | undefined): Promise<Ended> {
    for (let round = 0; round < claimBound; round++) {
      const looked = round === 0 && given ? given : await this.#parts.reconciler.situation(job.instance);
      const left = await this.#tryToStart(job, looked);
      if (left !== 'conflict') return left;
    }
    return 'unclaimed';
  }

  async #tryToStart(job: StartJob, looked: Looked | undefined): Promise<'conflict' | Ended> {
    const { decision, reading, subject } = looked ?? {};
    const isTrue = decision?.next === 'enqueue_start' && decision.delayMs === 0;
    if (!looked || !isTrue || !reading || !subject) return 'unclaimed';
    if (reading.record?.generation !== job.generation || decision.attempt !== job.attempt) return 'unclaimed';
    const origin = reading.record.origin ?? job.origin;
    const trace = { traceparent: origin?.traceparent ?? newTraceparent(), isRoot: origin === undefined };
    const startTime = Date.now();
    const claim = () => this.#claim(looked, reading.record as LedgerRecord);
    const claimed = await runWithTraceparent(trace.traceparent, claim);
    if ('refused' in claimed) return claimed.refused === 'conflict' ? 'conflict' : 'unclaimed';
    return withSpan(SPAN.start, startSpanOf(claimed.record, trace, startTime), async (span) => {
      const { how, after } = await this.#make(claimed, looked);
      const labels = startLabels(how);
      span.setAttribute(ATTRIBUTE.outcome, labels.outcome);
      if (typeof how === 'object') failSpan(span, how.code);
      this.#parts.metrics.counter('starts').inc({ service: subject.identity.service, ...labels });
      return after && { looked, after };
    });
  }

  async #claim({ subject, reading }: Looked, record: LedgerRecord): Promise<Claimed | NotClaimed> {
    const { reconciler, hosts, owner } = this.#parts;
    const { spec } = subject;
    const place = await reconciler.places.reserve(record);
    if (!place.reserved) {
      this.#parts.metrics.counter('limitsHit').inc({ limit: 'instances' });
      return refuse(this.#parts, { reading, record, subject }, place.limit);
    }
    const since = performance.now();
    const result = await reconciler.commands.applyTo(reading, {
      kind: 'claim',
      owner,
      host: hosts.ownHost(spec),
      name: runNameOf(record),
      attempts: spec.retry.attempts,
    });
    if (result.applied) {
      this.#parts.metrics.counter('attempts').inc({ service: record.service });
      return { record: result.record, known: result, claimedBefore: record.intent !== undefined, since };
    }
    if (result.refused === 'worn_out') await giveUp(this.#parts, { reading, record, subject });
    return { refused: result.refused };
  }

  /** Makes the claimed attempt. Resolves with its failure, `ready`, or `let_go`: handed on, cancelled, or its claim lost. */
  async #make(
    { record, known: claimed, claimedBefore, since }: Claimed,
    { subject, dependencies }: Looked,
  ): Promise<{ how: Failure | 'ready' | 'let_go'; after?: Reading }> {
    const { broker, owner, logger, watcher, metrics, reconciler } = this.#parts;
    const traceparent = currentTraceparent() ?? newTraceparent();
    const parts = { ledger: broker.ledger, commands: reconciler.commands, logger };
    const isPaused = () => reconciler.pauses.has(record.service);
    const interest = new InterestLook({ ledger: broker.ledger, instance: record.instance, isPaused, logger });
    const keeper = new LeaseKeeper({
      ledger: broker.ledger,
      owner,
      instance: record.instance,
      epoch: record.epoch,
      logger,
      since,
      onRenewed: () => {
        void interest.look();
        reconciler.places.hold(record);
      },
    });
    let running: Running | undefined;
    let asked: StartRequest | undefined;
    let phase = 'starting';
    let known = claimed;
    try {
      // Whoever was asleep between the claim and here may have lost it already.
      if (!keeper.trusted()) throw new LeaseLost(record.instance, 'it ran out before the start began');
      const { request, keys } = await this.#request(record, subject, dependencies, {
        traceparent,
        lost: keeper.lost,
      });
      asked = request;
      const attempt = await runAttempt({
        driver: this.#parts.driverOf(subject),
        request,
        reports: this.#parts.reports,
        claimedBefore,
        signals: [keeper.lost, interest.gone, this.#shutdown.signal],
        onRunning: (started) => (running = started),
        onProgress: async (progress) => {
          phase = progress.phase;
          if (!keeper.trusted()) return;
          const written = await reconciler.commands.applyFrom(known, {
            kind: 'progress',
            epoch: record.epoch,
            progress,
          });
          if (written.applied) known = written;
        },
        onProgressLost: (error) =>
          logger.warn({ instance: record.instance, err: error }, 'not all progress was written'),
      });
      const command = {
        kind: 'ready',
        epoch: record.epoch,
        owner,
        endpoint: attempt.endpoint,
        publicKey: keys.publicKey,
      } as const;
      const ready = await commitReady({ ...parts, keeper, known, command });
      await keeper[Symbol.asyncDispose]();
      if (ready === undefined) return { how: 'let_go' };
      const { claimedAt, readyAt } = ready.record.timings;
      if (claimedAt && readyAt)
        metrics.histogram('startDurationMs').observe({ service: record.service }, readyAt - claimedAt);
      logger.info({ instance: record.instance, generation: record.generation, url: attempt.endpoint.url }, 'ready');
      watcher.watch(ready.record, subject, attempt.running);
      return { how: 'ready', after: ready.reading };
    } catch (error) {
      const { stopper, driverOf } = this.#parts;
      const ended = { record, subject, keeper, driverOf, request: asked, running, phase, traceparent };
      return { how: (await endAttempt(error, ended, { ...parts, stopper })) ?? 'let_go' };
    } finally {
      await keeper[Symbol.asyncDispose]();
    }
  }

  async #request(
    record: LedgerRecord,
    subject: Subject,
    dependencies: readonly Reading[],
    { traceparent, lost }: { traceparent: string; lost: AbortSignal },
  ) {
    const { edgeKey, hosts, catalog, reports, rootSecret } = this.#parts;
    const edgeKeys = edgeKey ? [edgeKey] : await hosts.edgeKeys(AbortSignal.any([lost, this.#shutdown.signal]));
    return startRequestOf({
      record,
      subject,
      dependencies,
      catalog: catalog(),
      reports,
      rootSecret,
      edgeKey: edgeKeys.join(','),
      traceparent,
    });
  }
}

/** What a start that became ready left, and the look that it was decided on. */
type Ended = { looked: Looked; after: Reading } | 'unclaimed' | undefined;
type Claimed = { record: LedgerRecord; known: Known; claimedBefore: boolean; since: number };
