import { type Failure, type InstanceKey, type LedgerRecord, type LiveProbe, liveProbe } from '@reveille/contracts';
import { checkAlive, type CommandContext, type Liveness } from '@reveille/drivers';
import { interval, sleep } from '@reveille/lifecycle';
import { type Broker, DriverError, type Reading, type Running, timing } from '@reveille/orchestration';
import { type Logger, type Metrics, newTraceparent } from '@reveille/telemetry';
import type { Reconciler } from '../reconcile/reconciler.ts';
import { failureOf } from '../start/failure-of.ts';
import { LeaseKeeper } from '../start/lease-keeper.ts';
import type { Hosts } from '../subject/hosts.ts';
import type { Subject } from '../subject/subject.ts';
import { lossOf } from './loss-of.ts';

type Watch = AsyncDisposable & { generation: number; record: LedgerRecord; subject: Subject };

/** What the watch of something that runs already needs of its driver. */
export type Access = {
  /** The surroundings of a service, for exec probes. */
  commandOf(record: LedgerRecord, subject: Subject): Promise<CommandContext>;
  /** What runs of this generation, or `gone` when it is seen here that nothing does; `unseen` when it cannot be seen from here. */
  find(record: LedgerRecord, subject: Subject): Promise<Running | 'gone' | 'unseen'>;
};

/** A service without a liveness probe is looked at by a connection to its port. */
const defaultProbe = liveProbe.parse({ tcp: {} });
/** A suspicion is settled quickly: so many refused connections in a row, with this pause. */
const suspicion = { refusals: 3, pauseMs: 100 } as const;

/** What ends the looks of a watch. Made once: an error costs as much as a fair part of a start. */
const watchIsOver = new Error('the watch is over');

/**
 * Looks after ready instances. The watch lease only says that somebody is looking; what makes an instance `lost` is a failed
 * liveness or an observed end.
 */
export class Watcher implements AsyncDisposable {
  readonly #broker: Broker;
  readonly #reconciler: Reconciler;
  readonly #hosts: Hosts;
  readonly #access: Access;
  readonly #owner: string;
  readonly #logger: Logger;
  readonly #metrics: Metrics;
  readonly #watches = new Map<InstanceKey, Watch>();
  readonly #ended = new AbortController();

  constructor(of: {
    broker: Broker;
    reconciler: Reconciler;
    hosts: Hosts;
    access: Access;
    owner: string;
    logger: Logger;
    metrics: Metrics;
  }) {
    this.#broker = of.broker;
    this.#reconciler = of.reconciler;
    this.#hosts = of.hosts;
    this.#access = of.access;
    this.#owner = of.owner;
    this.#logger = of.logger;
    this.#metrics = of.metrics;
  }

  /** Takes a watch that nobody holds, of something that another initializer started. */
  async takeOver(reading: Reading, subject: Subject): Promise<void> {
    const { record } = reading;
    if (
      this.#ended.signal.aborted ||
      record?.state !== 'ready' ||
      this.#watches.get(record.instance)?.generation === record.generation
    )
      return;
    const since = performance.now();
    const holder = { owner: this.#owner, epoch: record.epoch, ttlMs: timing.leaseTtlMs.value };
    const { held } = await this.#broker.ledger.takeWatch(record.instance, holder);
    if (!held) return;
    // Whoever watched it may have died with it: it is looked at now and not at the next turn of its probe.
    const found = await this.#access.find(record, subject);
    if (found === 'gone') {
      const words = 'it was ready and ended while nobody was watching it';
      return void this.#lose(record, subject, new DriverError('exited_early', words));
    }
    this.watch(record, subject, found === 'unseen' ? undefined : found, since);
    if (found === 'unseen') void this.suspect(record, subject).catch(this.#onLookError(record));
  }

  /** Watches a ready generation until it is lost, stopped or taken by another. `running`: at hand when it was started here. */
  watch(record: LedgerRecord, subject: Subject, running: Running | undefined, since: number = performance.now()): void {
    if (this.#ended.signal.aborted) return;
    void this.#watches.get(record.instance)?.[Symbol.asyncDispose]();
    const ended = new AbortController();
    const forget = () => {
      if (ended.signal.aborted) return;
      ended.abort(watchIsOver);
      if (this.#watches.get(record.instance) === watch) this.#watches.delete(record.instance);
      void watch[Symbol.asyncDispose]();
    };
    const keeper = new LeaseKeeper({
      ledger: this.#broker.ledger,
      owner: this.#owner,
      instance: record.instance,
      epoch: record.epoch,
      logger: this.#logger,
      since,
      // Level-triggered here too: idle, dependencies that moved on, a new catalog.
      onRenewed: () => {
        this.#reconciler.places.hold(record);
        void this.#reconciler.reconcile(record.instance);
        void this.#leaveToItsHost(record, forget);
      },
    });
    keeper.lost.addEventListener('abort', forget, { once: true });
    const lose = (why: DriverError): void => {
      if (ended.signal.aborted) return;
      forget();
      void this.#lose(record, subject, why);
    };
    void running?.exited.then((exit) => lose(lossOf(exit, running.logs())));
    const looks = this.#looks(record, subject, lose, ended.signal);
    const watch: Watch = {
      generation: record.generation,
      record,
      subject,
      async [Symbol.asyncDispose]() {
        ended.abort(watchIsOver);
        await Promise.all([keeper[Symbol.asyncDispose](), looks[Symbol.asyncDispose]()]);
      },
    };
    this.#watches.set(record.instance, watch);
  }

  /**
   * A failover can lose that it became ready. The claim that it was started under is held then, and renewed with the watch: nobody else would
   * ever take it, and its users would wait for good. It says so again instead, under that claim.
   */
  async readyAgain(reading: Reading): Promise<void> {
    const { record } = reading;
    if (record?.state !== 'starting' || record.owner !== this.#owner) return;
    const watched = this.#watches.get(record.instance)?.record;
    if (watched?.generation !== record.generation || watched.epoch !== record.epoch) return;
    const { epoch, instance, generation, endpoint, publicKey } = watched;
    if (endpoint === undefined || publicKey === undefined) return;
    const command = { kind: 'ready', epoch, owner: this.#owner, endpoint, publicKey } as const;
    const { applied } = await this.#reconciler.commands.applyTo(reading, command);
    if (applied)
      this.#logger.warn({ instance, generation }, 'the ledger has lost that it is ready, and was told again');
  }

  /**
   * An edge could not reach it: look now, a few times, whoever watches it. That nothing listens there settles it. Silence does not, nor a
   * bad answer: it may have too much to do at the moment, and its liveness probe says for how long it may be so.
   */
  async suspect(record: LedgerRecord, subject: Subject): Promise<void> {
    if (record.state !== 'ready') return;
    for (let look = 1; ; look++) {
      const seen = await this.#look(record, subject, this.#ended.signal);
      if (seen.alive || !seen.refused) return;
      if (look >= suspicion.refusals) return this.#lose(record, subject, new DriverError('exited_early', seen.reason));
      await sleep(suspicion.pauseMs, this.#ended.signal);
    }
  }

  /** What is being stopped has a claim of its own from then on, and is watched no more. */
  release(instance: InstanceKey): void {
    void this.#watches.get(instance)?.[Symbol.asyncDispose]();
    this.#watches.delete(instance);
  }

  /** What is watched here, the latest first: dependents before what they run on. */
  watched(): { record: LedgerRecord; subject: Subject }[] {
    return [...this.#watches.values()].toReversed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await Promise.allSettled([...this.#watches.values()].map((watch) => watch[Symbol.asyncDispose]()));
    this.#watches.clear();
  }

  #looks(
    record: LedgerRecord,
    subject: Subject,
    lose: (why: DriverError) => void,
    signal: AbortSignal,
  ): AsyncDisposable {
    const probe = probeOf(subject);
    let failures = 0;
    const look = async (): Promise<void> => {
      const seen = await this.#look(record, subject, signal);
      failures = seen.alive ? 0 : failures + 1;
      if (!seen.alive && failures >= probe.failures)
        lose(new DriverError('exited_early', `it was ready and failed ${failures} looks in a row: ${seen.reason}`));
    };
    return interval(probe.everyMs, look, { signal, jitter: 0.1, onError: this.#onLookError(record) });
  }

  #onLookError(record: LedgerRecord) {
    return (error: unknown) => {
      if (!this.#ended.signal.aborted) this.#logger.error({ instance: record.instance, err: error }, 'a look failed');
    };
  }

  /** Its host was taken for dead and lives: only an initializer there can stop it, so it gets the watch back. */
  async #leaveToItsHost(record: LedgerRecord, forget: () => void): Promise<void> {
    const mayAct = await this.#hosts.mayActOn(record.host).catch(() => true);
    if (!mayAct) forget();
  }

  async #look(record: LedgerRecord, subject: Subject, signal: AbortSignal): Promise<Liveness> {
    const probe = probeOf(subject);
    if (record.endpoint === undefined) return { alive: false, reason: 'its record names no endpoint', refused: true };
    const command = probe.exec ? { command: await this.#access.commandOf(record, subject) } : {};
    return checkAlive(probe, record.endpoint, { signal, ...command });
  }

  async #lose(record: LedgerRecord, subject: Subject, why: DriverError): Promise<void> {
    const traceparent = record.origin?.traceparent ?? newTraceparent();
    const failure: Failure = failureOf(why, { record, subject, phase: 'ready', traceparent });
    try {
      const [reading] = await this.#broker.ledger.read([record.instance]);
      // What is being stopped ends too; that is no loss.
      if (reading?.record?.generation === record.generation && reading.record.state === 'ready') {
        const lost = await this.#reconciler.commands.applyTo(reading, { kind: 'lose', failure });
        if (!lost.applied && lost.refused === 'conflict') return await this.#lose(record, subject, why);
        const { instance, generation } = record;
        if (lost.applied) {
          this.#metrics.counter('lost').inc({ service: record.service });
          this.#logger.warn({ instance, generation, why: why.message }, 'lost');
        }
      }
    } catch (error) {
      this.#logger.error({ instance: record.instance, err: error }, 'a loss could not be written; its watch runs out');
    }
    await this.#reconciler.reconcile(record.instance);
  }
}

function probeOf(subject: Subject): LiveProbe {
  return subject.spec.live ?? defaultProbe;
}
