import type { InstanceKey, InstanceState, LedgerRecord, Origin, StartJob } from '@reveille/contracts';
import type { Logger } from '@reveille/telemetry';
import {
  type Broker,
  BrokerUnavailable,
  type Decision,
  nextCommit,
  type Commit,
  type Reading,
  readingInstead,
  type Refusal,
  type Succession,
  urgencyOf,
} from '@reveille/orchestration';
import type { LoadedCatalog } from '@reveille/catalog';
import { Places } from '../admit/places.ts';
import { Pauses } from '../subject/pauses.ts';
import { hasVeto } from '../stop/veto.ts';
import type { Hosts } from '../subject/hosts.ts';
import type { Subject } from '../subject/subject.ts';
import { type Aftermath, Commands } from './apply.ts';
import { LaterLooks } from './later-looks.ts';
import { type Hint, type Looked, Looks } from './looks.ts';

/** What a reconciler cannot do by itself: the long works. */
export type Works = {
  /** Take the watch of a ready instance that nobody looks at. */
  watch(reading: Reading, subject: Subject): Promise<void>;
  /** Say again that what is watched here is ready, should the ledger have lost it. */
  readyAgain(reading: Reading): Promise<void>;
  /** Take a start that began on this host and whose holder is gone: only here it can be found, so it does not go through the queue. */
  start(job: StartJob): void;
  /** Take a start that was just looked at, if there is room here for one more; false: somebody has to be found for it. */
  startNow(job: StartJob, looked: Looked): boolean;
  /** Stop it under a new epoch, in the background; reconciles again afterwards. */
  stop(reading: Reading, subject: Subject, reason: Extract<Decision, { next: 'stop' }>['reason']): void;
  /** Replace what is watched here by its next generation, in the background; reconciles again after each step. */
  replace(step: Exclude<Succession, { next: 'nothing' }>, looked: Looked): void;
};

/** More steps than any life needs; a reconciliation that goes on is left to the next sweep. */
const stepBound = 32;

/** Brings one instance after another nearer to what is wanted. Calls for one instance never overlap; they are joined. */
export class Reconciler implements Aftermath {
  readonly commands: Commands;
  readonly places: Places;
  readonly pauses: Pauses;
  readonly #broker: Broker;
  readonly #hosts: Hosts;
  readonly #looks: Looks;
  readonly #logger: Logger;
  readonly #running = new Map<InstanceKey, { again: Hint | undefined; done: Promise<void> }>();
  readonly #later = new LaterLooks((instance, hint: Hint) => void this.reconcile(instance, hint));
  #works: Works | undefined;
  #closed = false;

  constructor(of: { broker: Broker; catalog: () => LoadedCatalog; hosts: Hosts; owner: string; logger: Logger }) {
    this.#broker = of.broker;
    this.#hosts = of.hosts;
    this.pauses = new Pauses(of.broker.operations);
    this.#looks = new Looks({ ...of, ledger: of.broker.ledger, pauses: this.pauses });
    this.#logger = of.logger;
    this.places = new Places(of);
    this.commands = new Commands(of.broker.ledger, this);
  }

  /** The works need the reconciler and the reconciler the works: they are joined once, before the first call. */
  use(works: Works): void {
    this.#works = works;
  }

  /** Looks at instances in the background. */
  wake(instances: readonly InstanceKey[], hint: Hint = {}): void {
    for (const instance of instances) void this.reconcile(instance, hint);
  }

  leave(instance: InstanceKey, dependencies: readonly InstanceKey[]): void {
    const command = { kind: 'drop_dependents', dependents: [instance] } as const;
    for (const dependency of dependencies)
      this.commands.apply(dependency, command).catch((error: unknown) => this.#report(dependency, error));
  }

  free(before: InstanceState, after: LedgerRecord): void {
    this.places.free(before, after);
  }

  /** Resolves when the instance was looked at after the call. Never rejects: what failed is logged and left to the sweep. */
  async reconcile(instance: InstanceKey, hint: Hint = {}): Promise<void> {
    if (this.#closed) return;
    const running = this.#running.get(instance);
    if (running) {
      running.again = merged(running.again, hint);
      return running.done;
    }
    const entry: { again: Hint | undefined; done: Promise<void> } = { again: hint, done: Promise.resolve() };
    this.#running.set(instance, entry);
    entry.done = (async () => {
      while (entry.again && !this.#closed) {
        const given = entry.again;
        entry.again = undefined;
        // One that fails takes no later call along.
        await this.#steps(instance, given).catch((error: unknown) => this.#report(instance, error));
      }
      this.#running.delete(instance);
    })();
    return entry.done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#later[Symbol.dispose]();
    await Promise.allSettled([...this.#running.values()].map((one) => one.done));
  }

  async #steps(instance: InstanceKey, hint: Hint): Promise<void> {
    let looked: Looked | undefined;
    for (let step = 0; step < stepBound; step++) {
      looked ??= await this.#looks.at(instance, hint);
      const next = looked && (await this.#step(looked));
      if (next === undefined || next === 'done') return;
      looked = next === 'look' ? undefined : next;
    }
    this.#logger.warn({ instance, steps: stepBound }, 'an instance changes faster than it can be reconciled');
  }

  /** After a commit of our own, which the look at hand was decided on. Looks again only where there is something left to do, or that is not known. */
  async settle(looked: Looked, after: Reading): Promise<void> {
    if (this.#looks.after(looked, after)?.decision.next === 'nothing') return;
    await this.reconcile(after.instance);
  }

  /** Reads the instance and what it needs, and says what comes next. */
  situation(instance: InstanceKey, hint: Hint = {}): Promise<Looked | undefined> {
    return this.#looks.at(instance, hint);
  }

  /** Does the next step. `look`: there may be a further one; with a look at hand it needs no round trip. */
  async #step(looked: Looked): Promise<'done' | 'look' | Looked> {
    const { subject, reading, dependencies, decision, origin, situation } = looked;
    switch (decision.next) {
      case 'nothing':
        await this.#works?.readyAgain(reading);
        return 'done';
      case 'commit': {
        const commit = nextCommit(situation, decision.command);
        if (this.#startsInstead(looked, commit)) return 'done';
        const result = await this.commands.commit(reading, commit);
        if (result.applied) return this.#looks.after(looked, result.reading) ?? 'look';
        return result.refused === 'conflict' ? 'look' : 'done';
      }
      case 'join_dependencies':
        await this.#join(subject, dependencies, decision.dependencies, origin);
        return 'look';
      case 'leave_dependencies': {
        const command = { kind: 'drop_dependents', dependents: [subject.identity.instance] } as const;
        await Promise.all(decision.dependencies.map((one) => this.commands.apply(one, command)));
        return 'look';
      }
      case 'rest':
        await this.commands.applyTo(reading, { kind: 'rest' });
        return 'done';
      case 'enqueue_start':
        await this.#enqueue(looked, decision);
        return 'done';
      case 'watch':
        await this.#works?.watch(reading, subject);
        return 'done';
      case 'stop':
        // Asked again at the next look: the watch looks with each renewal.
        if (decision.reason === 'idle' && reading.record && (await hasVeto(reading.record, subject.spec)))
          return 'done';
        this.#works?.stop(reading, subject, decision.reason);
        return 'done';
      case 'start_successor':
      case 'drop_successor':
      case 'end_drain':
        this.#works?.replace(decision, looked);
        return 'done';
    }
  }

  /** Who has room for a start claims it by the commit that would have queued it: nobody could have had it in between. */
  #startsInstead(looked: Looked, commit: Commit | Refusal): boolean {
    if ('refused' in commit || commit.record.state !== 'queued') return false;
    const queued = this.#looks.after(looked, readingInstead(looked.reading, commit));
    if (queued?.decision.next !== 'enqueue_start' || queued.decision.delayMs > 0) return false;
    return this.#works?.startNow(startJobOf(queued, queued.decision), queued) ?? false;
  }

  async #enqueue(looked: Looked, decision: EnqueueStart): Promise<void> {
    const { subject, reading, origin } = looked;
    // Not a delayed job: those go by the clocks of several hosts, and one that is an hour ahead would delay it by an hour.
    if (decision.delayMs > 0) return this.#later.in(decision.delayMs, subject.identity.instance, { origin });
    const { record } = reading;
    const job = startJobOf(looked, decision);
    if (record?.state === 'starting' && record.host !== undefined && record.host === this.#hosts.ownHost(subject.spec))
      this.#works?.start(job);
    else if (!this.#works?.startNow(job, looked)) await this.#broker.wakeUps.start(job);
  }

  async #join(
    subject: Subject,
    readings: readonly Reading[],
    unjoined: readonly InstanceKey[],
    origin: Origin | undefined,
  ): Promise<void> {
    const dependent = subject.identity.instance;
    await Promise.all(
      subject.dependencies
        .filter((identity) => unjoined.includes(identity.instance))
        .map((identity) => this.commands.apply(identity.instance, { kind: 'add_dependent', identity, dependent })),
    );
    for (const identity of subject.dependencies) {
      const known = readings.find((reading) => reading.instance === identity.instance)?.record?.state;
      if (known !== 'ready')
        this.wake([identity.instance], { service: identity.service, scope: identity.scope, origin });
    }
  }

  #report(instance: InstanceKey, error: unknown): void {
    const level = error instanceof BrokerUnavailable ? 'warn' : 'error';
    this.#logger[level]({ instance, err: error }, 'an instance could not be reconciled; the sweep looks again');
  }
}

type EnqueueStart = Extract<Decision, { next: 'enqueue_start' }>;

function startJobOf({ subject, reading, origin }: Looked, { attempt }: EnqueueStart): StartJob {
  const { instance } = subject.identity;
  const generation = reading.record?.generation ?? 0;
  const turn = { lane: subject.lane, urgency: urgencyOf(reading) };
  return { version: 1, kind: 'start', instance, generation, attempt, ...turn, ...(origin ? { origin } : {}) };
}

/** What is known of both; the later one says more. */
function merged(earlier: Hint | undefined, later: Hint): Hint {
  return { ...earlier, ...later, origin: later.origin ?? earlier?.origin };
}
