import type { KeyObject } from 'node:crypto';
import type { InstanceKey, LedgerRecord, Successor } from '@reveille/contracts';
import type { LoadedCatalog } from '@reveille/catalog';
import {
  type Broker,
  type Driver,
  recordOfRun,
  type Running,
  runsOf,
  type StartRequest,
} from '@reveille/orchestration';
import { ATTRIBUTE, failSpan, type Logger, type Metrics, newTraceparent, SPAN, withSpan } from '@reveille/telemetry';
import type { Looked } from '../reconcile/looks.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import { runAttempt } from '../start/attempt.ts';
import { AttemptEnded } from '../start/attempt-ended.ts';
import { failureOf } from '../start/failure-of.ts';
import { insist } from '../start/insist.ts';
import { LeaseKeeper } from '../start/lease-keeper.ts';
import type { Reports } from '../start/reports.ts';
import { startRequestOf } from '../start/start-request.ts';
import type { RunEnds } from '../stop/run-ends.ts';
import type { Hosts } from '../subject/hosts.ts';
import type { Subject } from '../subject/subject.ts';
import type { Watcher } from '../watch/watcher.ts';

export type ReplacerParts = {
  broker: Broker;
  reconciler: Pick<Reconciler, 'commands' | 'wake'>;
  watcher: Pick<Watcher, 'watch'>;
  runs: Pick<RunEnds, 'end'>;
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

type Claimed = { record: LedgerRecord; successor: Successor; claimedBefore: boolean; since: number };

/** One attempt to start the next generation of a ready instance beside it. Until it is ready, nobody hears of it but operators. */
export class SuccessorStart {
  readonly #parts: ReplacerParts;
  readonly #looked: Looked;
  readonly #ended: AbortSignal;

  /** @param ended aborts when it is to be given up: with the initializer, or since all of the instance is stopped */
  constructor(parts: ReplacerParts, looked: Looked, ended: AbortSignal) {
    this.#parts = parts;
    this.#looked = looked;
    this.#ended = ended;
  }

  async make(dependencyGenerations: Record<InstanceKey, number>): Promise<void> {
    const claimed = await this.#claim(dependencyGenerations);
    if (claimed === undefined) return;
    const { record, successor } = claimed;
    const traceparent = newTraceparent();
    const attributes = {
      [ATTRIBUTE.service]: record.service,
      [ATTRIBUTE.instance]: record.instance,
      [ATTRIBUTE.generation]: successor.generation,
    };
    await withSpan(SPAN.start, { parent: null, as: traceparent, attributes }, async (span) => {
      const outcome = await this.#attempt(claimed, traceparent);
      span.setAttribute(ATTRIBUTE.outcome, outcome);
      if (outcome !== 'ready' && outcome !== 'let_go') failSpan(span, outcome);
      if (outcome !== 'let_go') this.#parts.metrics.counter('updates').inc({ service: record.service, outcome });
    });
  }

  async #claim(dependencyGenerations: Record<InstanceKey, number>): Promise<Claimed | undefined> {
    const { owner, hosts, reconciler } = this.#parts;
    const { reading, subject } = this.#looked;
    const { identity, spec } = subject;
    const last = reading.record?.successor;
    const since = performance.now();
    const result = await reconciler.commands.applyTo(reading, {
      ...{ kind: 'claim_successor', identity, owner, host: hosts.ownHost(spec), dependencyGenerations },
      ...{ attempts: spec.retry.attempts, cooldownMs: spec.cooldownMs },
    });
    if (!result.applied) return undefined;
    const { successor } = result.record;
    if (successor === undefined || successor.failed === true) return undefined;
    return { record: result.record, successor, claimedBefore: last?.generation === successor.generation, since };
  }

  async #attempt({ record, successor, claimedBefore, since }: Claimed, traceparent: string): Promise<string> {
    const { broker, owner, logger, reports, reconciler } = this.#parts;
    const { subject } = this.#looked;
    const { instance } = record;
    const log = { instance, generation: successor.generation, attempt: successor.attempt };
    logger.info({ ...log, serving: record.generation }, 'the next generation is started beside the one that serves');
    await using keeper = new LeaseKeeper({
      ...{ ledger: broker.ledger, owner, instance, epoch: record.epoch, logger, since },
      onRenewed: () => undefined,
    });
    const own = { ...recordOfRun(record, successor), attempt: successor.attempt };
    let running: Running | undefined;
    let phase = 'starting';
    try {
      const { request, publicKey } = await this.#request(own, traceparent, keeper.lost);
      const attempt = await runAttempt({
        ...{ driver: this.#parts.driverOf(subject), request, reports, claimedBefore },
        signals: [keeper.lost, this.#ended],
        onRunning: (started) => (running = started),
        onProgress: (progress) => Promise.resolve((phase = progress.phase)),
        onProgressLost: () => undefined,
      });
      const { endpoint } = attempt;
      const ready = await this.#ready(keeper, successor, { endpoint, publicKey });
      if (ready === undefined) return 'let_go';
      logger.info({ ...log, url: endpoint.url, draining: record.generation }, 'the next generation takes new sessions');
      await keeper[Symbol.asyncDispose]();
      this.#parts.watcher.watch(ready, subject, attempt.running);
      return 'ready';
    } catch (error) {
      if (!(await keeper.confirmed())) {
        logger.warn({ ...log, err: error }, 'the watch was lost during a replacement; who has it goes on');
        await this.#endIfNobodys(record, successor);
        return 'let_go';
      }
      if (error instanceof AttemptEnded) {
        // What cannot outlive this process is ended with it; the rest is adopted by whoever takes the watch.
        if (successor.host !== undefined) await this.#end(record, successor, keeper);
        await reconciler.commands.apply(instance, { kind: 'let_successor_go', epoch: successor.epoch });
        return 'let_go';
      }
      const logTail = running?.logs().slice(-20) ?? [];
      const told = failureOf(error, { record: own, subject, phase, traceparent });
      const failure = told.logTail || logTail.length === 0 ? told : { ...told, logTail };
      const words = 'the next generation did not become ready; the one that serves goes on';
      logger.error({ ...log, serving: record.generation, code: failure.code, err: error }, words);
      await this.#end(record, successor, keeper);
      const { retry, cooldownMs } = subject.spec;
      const policy = { retry, cooldownMs, random: Math.random() };
      const command = { kind: 'successor_failed', epoch: successor.epoch, failure, policy } as const;
      await insist(keeper, () => reconciler.commands.apply(instance, command));
      return failure.code;
    }
  }

  /** @throws LeaseLost when the ledger stayed away until the watch could not be trusted */
  #ready(
    keeper: LeaseKeeper,
    { generation, epoch }: Successor,
    proven: { endpoint: NonNullable<LedgerRecord['endpoint']>; publicKey: string },
  ): Promise<LedgerRecord | undefined> {
    const { owner, reconciler, broker } = this.#parts;
    const { instance } = keeper;
    const { drainMs } = this.#looked.subject.spec;
    return insist(keeper, async () => {
      if (!keeper.trusted()) return undefined;
      const command = { kind: 'successor_ready', epoch, owner, drainMs, ...proven } as const;
      const result = await reconciler.commands.apply(instance, command);
      if (result.applied) return result.record;
      // An earlier try may have landed and only its answer got lost.
      const [reading] = await broker.ledger.read([instance]);
      const { record } = reading ?? {};
      return record?.state === 'ready' && record.generation === generation && record.epoch === epoch
        ? record
        : undefined;
    });
  }

  /** Whoever took the watch may have ended the instance before this run could be found. */
  async #endIfNobodys(record: LedgerRecord, successor: Successor): Promise<void> {
    // While the ledger does not say, it is left to those who look for leftovers.
    const [reading] = await this.#parts.broker.ledger.read([record.instance]).catch(() => []);
    const known = reading?.record;
    if (known === undefined || runsOf(known).some(({ generation }) => generation === successor.generation)) return;
    await this.#parts.runs.end(record, successor, this.#looked.subject, this.#ended);
  }

  async #end(record: LedgerRecord, successor: Successor, keeper: LeaseKeeper): Promise<void> {
    await this.#parts.runs.end(record, successor, this.#looked.subject, keeper.lost);
  }

  async #request(
    record: LedgerRecord,
    traceparent: string,
    lost: AbortSignal,
  ): Promise<{ request: StartRequest; publicKey: string }> {
    const { edgeKey, hosts, catalog, reports, rootSecret } = this.#parts;
    const { subject, dependencies } = this.#looked;
    const edgeKeys = edgeKey ? [edgeKey] : await hosts.edgeKeys(AbortSignal.any([lost, this.#ended]));
    const made = startRequestOf({
      ...{ record, subject, dependencies, catalog: catalog(), reports, rootSecret, traceparent },
      edgeKey: edgeKeys.join(','),
    });
    return { request: made.request, publicKey: made.keys.publicKey };
  }
}
