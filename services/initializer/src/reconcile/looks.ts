import type { LoadedCatalog } from '@reveille/catalog';
import { type InstanceKey, type LedgerRecord, type Origin, successorKey } from '@reveille/contracts';
import { type Decision, decide, type Ledger, type Reading, type Situation } from '@reveille/orchestration';
import { type Logger, promisedRoot } from '@reveille/telemetry';
import type { Hosts } from '../subject/hosts.ts';
import { maintenance, type Pauses } from '../subject/pauses.ts';
import { KnownSubjects } from '../subject/known-subjects.ts';
import { type Named, namedByKey, type Subject } from '../subject/subject.ts';

/** What a wake-up says about its instance. */
export type Hint = Partial<Named> & { origin?: Origin | undefined };

/** An instance as it was looked at, and the next step. */
export type Looked = {
  readonly subject: Subject;
  readonly reading: Reading;
  readonly dependencies: readonly Reading[];
  readonly decision: Decision;
  readonly origin: Origin | undefined;
  readonly situation: Situation;
  /** When the reading of the dependencies was asked for, monotonic milliseconds. */
  readonly since: number;
};

/** Readings of dependencies older than this are read again before the next step is decided on them, milliseconds. */
const freshMs = 50;
/** What else a look knows (who wants it, what is paused, which hosts live) may be as old as what is paused ever is, milliseconds. */
const ownFreshMs = 1000;

type Parts = {
  ledger: Ledger;
  catalog: () => LoadedCatalog;
  hosts: Hosts;
  pauses: Pauses;
  owner: string;
  logger: Logger;
};

/** Looks at instances: what the ledger and the catalog say of one, and the next step that follows from it. */
export class Looks {
  readonly #parts: Parts;
  readonly #subjects = new KnownSubjects();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Reads the instance and what it needs, in one round trip when it is known which instances these are. */
  async at(instance: InstanceKey, hint: Hint = {}): Promise<Looked | undefined> {
    const { ledger, catalog, hosts, pauses, owner, logger } = this.#parts;
    const loaded = catalog();
    let subject = this.#subjects.get(loaded, instance);
    if (subject === undefined) {
      const named = await this.#named(instance, hint);
      if (named === undefined) return undefined;
      subject = await this.#subjects.learn(loaded, instance, named);
      if (subject === undefined) {
        logger.warn({ instance, service: named.service }, 'the service of an instance is not in the catalog');
        return undefined;
      }
    }
    const since = performance.now();
    const { identity, spec } = subject;
    const [[reading, ...dependencies], isPaused] = await Promise.all([
      ledger.read([instance, ...identity.dependencies]),
      pauses.has(identity.service),
    ]);
    if (reading === undefined) throw new Error(`the ledger gave no reading of ${instance}`);
    const gone = reading.record?.dependencies.filter((one) => !identity.dependencies.includes(one)) ?? [];
    const former = gone.length === 0 ? [] : await ledger.read(gone);
    // Whatever the catalog says by now: what it said before may have started something on this host.
    const self = { owner, host: hosts.own };
    const aliveHosts = await hosts.alive();
    const origin = underWayFor(reading.record) ?? hint.origin ?? reading.announced?.origin ?? carriedOn(reading.record);
    const paused = isPaused ? maintenance(identity.service, spec, origin?.traceparent) : undefined;
    const declared = subject.dependencies.map(({ service, definition }) => {
      const { update = 'idle' } = loaded.catalog.services[service] ?? {};
      return { definition, update } as const;
    });
    const situation = { reading, dependencies, declared, former, identity, spec, self, aliveHosts, origin, paused };
    return decided(situation, { subject, since });
  }

  /**
   * The next step after commits of our own, without a round trip: what they left is known, and what else was seen a moment ago is as
   * good as what it would be at the next look. Undefined when that moment is too long ago.
   */
  after({ situation, subject, since }: Looked, reading: Reading): Looked | undefined {
    const boundMs = situation.dependencies.length === 0 ? ownFreshMs : freshMs;
    if (performance.now() - since > boundMs) return undefined;
    return decided({ ...situation, reading }, { subject, since });
  }

  async #named(instance: InstanceKey, { service, scope }: Hint): Promise<Named | undefined> {
    if (service && scope) return { service, scope };
    return (await this.#parts.ledger.read([instance]))[0]?.record ?? namedByKey(instance);
  }
}

/** What is on its way belongs to the initialization that it was begun for, whatever others have announced since. */
function underWayFor(record: LedgerRecord | undefined): Origin | undefined {
  return record !== undefined && ['waiting', 'queued', 'starting'].includes(record.state) ? record.origin : undefined;
}

/**
 * The initialization that a generation belongs to which nobody has asked for by a name: where the one before was ready, what edges call its
 * successor; what others run on stays part of the one that it was started for.
 */
function carriedOn(record: LedgerRecord | undefined): Origin | undefined {
  const wasReady = record?.state === 'cold' && record.timings.readyAt !== undefined;
  if (!wasReady || record.dependents.length > 0) return record?.origin;
  const { id, traceparent } = promisedRoot(successorKey(record.instance, record.generation));
  return { initialization: id, traceparent };
}

function decided(situation: Situation, of: { subject: Subject; since: number }): Looked {
  const { reading, dependencies, origin } = situation;
  return { ...of, reading, dependencies, origin, situation, decision: decide(situation) };
}
