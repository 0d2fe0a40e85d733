import { digestOf } from '@reveille/catalog';
import { timing } from '@reveille/orchestration';
import type { Clock } from './clock.ts';
import { SimCluster } from './cluster.ts';
import { Random } from './random.ts';
import { giveTimeBack, takeOverTime } from './time.ts';
import { Trouble } from './trouble.ts';
import type { Visit } from './user.ts';

/** Milliseconds of the simulated clock. */
const stepMs = 20;
const troubleMs = 40_000;
/** The longest cooldown, a dead holder's lease, the deadlines of a chain of three, and the reap deadline. It ends when all is ready. */
const calmMs = timing.cooldownCeilingMs.value + 60_000;
const realTurn = setImmediate;

export type Result = {
  readonly faults: readonly string[];
  /** Its last part, to be read. */
  readonly story: string;
  /** Of the whole story. */
  readonly digest: string;
  /** What happened how often. */
  readonly seen: Readonly<Record<string, number>>;
};

/** One cluster under one seed: trouble for a while, then calm, in which everything wanted must become ready and all else end. */
export async function simulate(seed: number): Promise<Result> {
  const random = new Random(seed);
  const clock = takeOverTime(random, seed);
  try {
    const cluster = new SimCluster(random);
    if (random.chance(0.5)) cluster.pool = random.between(1, 3);
    const initializers = Array.from({ length: random.between(1, 3) }, () => cluster.addInitializer());
    const relays = Array.from({ length: random.between(1, 2) }, () => cluster.addRelay());
    const edges = Array.from({ length: random.between(2, 3) }, () => cluster.addEdge());
    void Promise.all([...initializers, ...relays, ...edges]);
    const run = new Run(cluster, clock);
    await run.trouble();
    return await run.calm();
  } finally {
    giveTimeBack();
  }
}

class Run {
  readonly #cluster: SimCluster;
  readonly #trouble: Trouble;
  readonly #clock: Clock;
  #steps = 0;

  constructor(cluster: SimCluster, clock: Clock) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#trouble = new Trouble(cluster);
  }

  async trouble(): Promise<void> {
    for (let at = 0; at < troubleMs; at += stepMs) {
      this.#trouble.pass(stepMs);
      await this.#step();
    }
  }

  async calm(): Promise<Result> {
    const { faults, executor, conversations } = this.#cluster;
    this.#trouble.end();
    if (this.#cluster.initializers.length === 0) await this.#cluster.addInitializer();
    const visits = () => this.#cluster.visits.filter(({ left }) => !left);
    // What was wanted stays wanted: nobody comes anew and repairs by that what got stuck.
    if (visits().length === 0) this.#cluster.addVisit();
    faults.note(
      `calm ${visits()
        .map(({ id, client }) => `${id} (${client.state})`)
        .join(' ')}`,
    );
    for (const visit of visits()) visit.hush();
    const missing = async (): Promise<string[]> => {
      const each = await Promise.all(visits().map((visit) => this.#missing(visit)));
      return [...each.flat(), ...conversations.missing(({ name }) => executor.runs.has(name))];
    };
    await this.#until(async () => (await missing()).length === 0, calmMs);
    for (const one of await missing()) faults.add(one);
    faults.note('leaving');
    for (const visit of visits()) visit.leave();
    await this.#until(
      async () => (await this.#left()).length === 0,
      timing.reapDeadlineMs.value + timing.lingerMs.value,
    );
    for (const one of await this.#left()) faults.add(one);
    for (const { id, hasEnded, process } of this.#cluster.ending)
      if (!hasEnded && !process.crashed) faults.add(`${id} has not ended`);
    for (const one of [...this.#cluster.deployables, ...this.#cluster.ending]) one.crash();
    for (const run of executor.runs.values()) run.end({ code: null, signal: 'SIGKILL' });
    const { found, story, seen, digest } = faults;
    return { faults: found, story, seen, digest };
  }

  /** What a user does not have although nothing is wrong any more. */
  async #missing(visit: Visit): Promise<string[]> {
    const { id, client, pending, plan, entrypoint } = visit;
    // As many desks run as may: that is an answer too.
    if (entrypoint === 'desk' && client.error?.failure?.code === 'quota_exceeded') return [];
    if (client.state !== 'ready') return [`${id} wants ${plan.target}, and it is ${client.state}`];
    if (!visit.hasAskedAgain) {
      visit.hasAskedAgain = true;
      visit.say();
    }
    if (pending.size > 0) return [`nothing was heard of ${[...pending].join()}`];
    const { services } = this.#cluster.catalog.catalog;
    const instances = await Promise.all(
      plan.instances.map(async ({ instance, service }) => {
        const spec = services[service];
        const { state, definition, draining } = (await this.#cluster.peek(instance))?.record ?? {};
        // Of a quiet session what it ran on may be at an end: the next generation will be of the new version.
        if (state === 'cold') return [];
        if (spec?.update !== 'rolling' || (definition === digestOf(spec) && draining === undefined)) return [];
        return [`${id} uses ${instance}, which was not replaced`];
      }),
    );
    return instances.flat();
  }

  /** What is not gone although nobody wants anything. */
  async #left(): Promise<string[]> {
    const { store, executor, ledger } = this.#cluster;
    const readings = await store.ledger.read(ledger.instances);
    return [
      ...readings.flatMap(({ record, interest }) => {
        if (record === undefined || (record.state === 'cold' && record.dependents.length === 0)) return [];
        const by = [...record.dependents, ...interest.map(({ edge }) => edge)];
        return [`${record.instance} is wanted by no user and ${record.state} (${by.join()})`];
      }),
      ...[...executor.runs.keys()].map((run) => `${run} still runs`),
    ];
  }

  async #until(isSo: () => Promise<boolean>, boundMs: number): Promise<void> {
    for (let at = 0; at < boundMs; at += stepMs) {
      await this.#step();
      if (at % 500 === 0 && (await isSo())) return;
    }
  }

  async #step(): Promise<void> {
    this.#clock.advance(stepMs);
    this.#cluster.store.tick();
    // A turn of the real loop runs every promise that is ready; the second one what a turn was waited for.
    for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => realTurn(resolve));
    if (this.#steps++ % 25 !== 0) return;
    this.#cluster.initializations.look();
    const seenSince = this.#cluster.initializers.map(({ ableSince = performance.now() }) => ableSince);
    await this.#cluster.ledger.look(this.#cluster.executor, Math.min(...seenSince));
  }
}
