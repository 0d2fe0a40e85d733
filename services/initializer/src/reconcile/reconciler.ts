import type { InstanceKey, Origin, StartJob } from '@reveille/contracts';
import type { Logger } from '@reveille/telemetry';
import { type Broker, BrokerUnavailable, type Decision, decide, type Reading } from '@reveille/orchestration';
import type { LoadedCatalog } from '@reveille/catalog';
import { hasVeto } from '../stop/veto.ts';
import type { Hosts } from '../subject/hosts.ts';
import { type Named, namedByKey, type Subject, subjectOf } from '../subject/subject.ts';
import { type Aftermath, Commands } from './apply.ts';
import { LaterLooks } from './later-looks.ts';

/** What a reconciler cannot do by itself: the long works. */
export type Works = {
  /** Take the watch of a ready instance that nobody looks at. */
  watch(reading: Reading, subject: Subject): Promise<void>;
  /** Take a start that began on this host and whose holder is gone: only here it can be found, so it does not go through the queue. */
  start(job: StartJob): void;
  /** Stop it under a new epoch, in the background; reconciles again afterwards. */
  stop(reading: Reading, subject: Subject, reason: Extract<Decision, { next: 'stop' }>['reason']): void;
};

export type Hint = Partial<Named> & { origin?: Origin | undefined };

/** More steps than any life needs; a reconciliation that goes on is left to the next sweep. */
const stepBound = 32;

/** Brings one instance after another nearer to what is wanted. Calls for one instance never overlap; they are joined. */
export class Reconciler implements Aftermath {
  readonly commands: Commands;
  readonly #broker: Broker;
  readonly #catalog: () => LoadedCatalog;
  readonly #hosts: Hosts;
  readonly #owner: string;
  readonly #logger: Logger;
  readonly #running = new Map<InstanceKey, { again: Hint | undefined; done: Promise<void> }>();
  readonly #later = new LaterLooks((instance, hint: Hint) => void this.reconcile(instance, hint));
  #works: Works | undefined;
  #closed = false;

  constructor(of: { broker: Broker; catalog: () => LoadedCatalog; hosts: Hosts; owner: string; logger: Logger }) {
    this.#broker = of.broker;
    this.#catalog = of.catalog;
    this.#hosts = of.hosts;
    this.#owner = of.owner;
    this.#logger = of.logger;
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
    for (let step = 0; step < stepBound; step++) {
      const situation = await this.situation(instance, hint);
      if (situation === undefined || !(await this.#step(situation))) return;
    }
    this.#logger.warn({ instance, steps: stepBound }, 'an instance changes faster than it can be reconciled');
  }

  /** Reads the instance and what it needs, in one round trip when it is known which instances these are. */
  async situation(instance: InstanceKey, hint: Hint = {}): Promise<Looked | undefined> {
    const { ledger } = this.#broker;
    const { service, scope, origin } = hint;
    let named: Named | undefined = service && scope ? { service, scope } : undefined;
    named ??= (await ledger.read([instance]))[0]?.record ?? namedByKey(instance);
    if (named === undefined) return undefined;
    const subject = await subjectOf(this.#catalog(), named);
    if (subject === undefined || subject.identity.instance !== instance) {
      this.#logger.warn({ instance, service: named.service }, 'the service of an instance is not in the catalog');
      return undefined;
    }
    const [reading, ...dependencies] = await ledger.read([instance, ...subject.identity.dependencies]);
    if (reading === undefined) throw new Error(`the ledger gave no reading of ${instance}`);
    const gone = reading.record?.dependencies.filter((one) => !subject.identity.dependencies.includes(one)) ?? [];
    const former = gone.length === 0 ? [] : await ledger.read(gone);
    const self = { owner: this.#owner, host: this.#hosts.ownHost(subject.spec) };
    const aliveHosts = await this.#hosts.alive();
    const from = origin ?? reading.announced?.origin ?? reading.record?.origin;
    const situation = {
      reading,
      dependencies,
      former,
      identity: subject.identity,
      spec: subject.spec,
      self,
      aliveHosts,
      origin: from,
    };
    return { subject, reading, dependencies, decision: decide(situation), origin: from };
  }

  /** Does the next step; true when there may be a further one. */
  async #step({ subject, reading, dependencies, decision, origin }: Looked): Promise<boolean> {
    switch (decision.next) {
      case 'nothing':
        return false;
      case 'commit': {
        const result = await this.commands.applyTo(reading, decision.command);
        return result.applied || result.refused === 'conflict';
      }
      case 'join_dependencies':
        await this.#join(subject, dependencies, decision.dependencies, origin);
        return true;
      case 'leave_dependencies': {
        const command = { kind: 'drop_dependents', dependents: [subject.identity.instance] } as const;
        await Promise.all(decision.dependencies.map((one) => this.commands.apply(one, command)));
        return true;
      }
      case 'rest':
        await this.commands.applyTo(reading, { kind: 'rest' });
        return false;
      case 'enqueue_start':
        await this.#enqueue(subject, reading, decision, origin);
        return false;
      case 'watch':
        await this.#works?.watch(reading, subject);
        return false;
      case 'stop':
        // Asked again at the next look: the watch looks with each renewal.
        if (decision.reason === 'idle' && reading.record && (await hasVeto(reading.record, subject.spec))) return false;
        this.#works?.stop(reading, subject, decision.reason);
        return false;
    }
  }

  async #enqueue(
    { identity: { instance }, spec }: Subject,
    { record }: Reading,
    { attempt, delayMs }: Extract<Decision, { next: 'enqueue_start' }>,
    origin: Origin | undefined,
  ): Promise<void> {
    // Not a delayed job: those go by the clocks of several hosts, and one that is an hour ahead would delay it by an hour.
    if (delayMs > 0) return this.#later.in(delayMs, instance, { origin });
    const generation = record?.generation ?? 0;
    const job = { version: 1, kind: 'start', instance, generation, attempt, ...(origin ? { origin } : {}) } as const;
    if (record?.state === 'starting' && record.host !== undefined && record.host === this.#hosts.ownHost(spec))
      this.#works?.start(job);
    else await this.#broker.wakeUps.start(job);
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

/** What is known of both; the later one says more. */
function merged(earlier: Hint | undefined, later: Hint): Hint {
  return { ...earlier, ...later, origin: later.origin ?? earlier?.origin };
}

/** An instance as it was looked at, and the next step. */
export type Looked = {
  subject: Subject;
  reading: Reading;
  dependencies: Reading[];
  decision: Decision;
  origin: Origin | undefined;
};
