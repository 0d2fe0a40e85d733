import { createHash } from 'node:crypto';
import { type Plan, type PlanStatus, timing } from '@reveille/orchestration';
import { vi } from 'vitest';
import { digestOf } from '@reveille/catalog';
import { plans } from './catalog.ts';
import { SimCluster, type SimInitializer } from './cluster.ts';
import { Random } from './random.ts';
import type { SimEdge } from './sim-edge.ts';

/** Milliseconds of the simulated clock. */
const stepMs = 20;
const troubleMs = 40_000;
/** The longest cooldown, a dead holder's lease, the deadlines of a chain of three, and the reap deadline. It ends when all is ready. */
const calmMs = timing.cooldownCeilingMs.value + 60_000;
const realTurn = setImmediate;

/** Replaces what would make a run depend on anything but its seed. */
export function takeOverTime(random: Random): void {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
    now: 1_700_000_000_000,
  });
  vi.spyOn(Math, 'random').mockImplementation(random.next);
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const over = new AbortController();
    setTimeout(() => over.abort(new DOMException('timeout', 'TimeoutError')), ms);
    return over.signal;
  });
  // The real one answers from another thread, whenever it likes.
  vi.spyOn(crypto.subtle, 'digest').mockImplementation(
    async (_, data) =>
      Uint8Array.from(
        createHash('sha256')
          .update(data as Uint8Array)
          .digest(),
      ).buffer,
  );
}

export function giveTimeBack(): void {
  vi.restoreAllMocks();
  vi.useRealTimers();
}

export type Result = { faults: string[]; story: string; seen: Record<string, number> };

/** One cluster under one seed: trouble for a while, then calm, in which everything wanted must become ready and all else end. */
export async function simulate(seed: number): Promise<Result> {
  const random = new Random(seed);
  takeOverTime(random);
  try {
    const cluster = new SimCluster(random);
    if (random.chance(0.5)) cluster.pool = random.between(1, 3);
    const all = Array.from({ length: random.between(1, 3) }, () => cluster.addInitializer());
    await Promise.all(all);
    cluster.addEdge();
    cluster.addEdge();
    const run = new Run(cluster);
    await run.trouble();
    return await run.calm();
  } finally {
    giveTimeBack();
  }
}

/** As many desks run as may: that is an answer too. */
function isRefused(status: PlanStatus): boolean {
  return status.status === 'failed' && status.failure.code === 'quota_exceeded';
}

class Run {
  readonly #cluster: SimCluster;
  readonly #random: Random;
  readonly #flushes: boolean;
  #steps = 0;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
    this.#random = cluster.random;
    this.#flushes = this.#random.chance(0.2);
    cluster.lossy = this.#random.chance(0.5) ? 0.2 : 0;
  }

  async trouble(): Promise<void> {
    for (let at = 0; at < troubleMs; at += stepMs) {
      for (const one of this.#cluster.initializers) one.process.mishap ??= () => this.#mishap(one);
      if (this.#random.chance(stepMs / 1500)) this.#happen();
      await this.#step();
    }
  }

  async calm(): Promise<Result> {
    const { edges, executor, checker } = this.#cluster;
    this.#cluster.lossy = 0;
    executor.trouble = 0;
    this.#cluster.settleCatalog();
    for (const one of this.#cluster.initializers) {
      one.process.mishap = undefined;
      one.process.thaw();
      one.broker.reconnect();
    }
    if (this.#cluster.initializers.length === 0) await this.#cluster.addInitializer();
    // What was wanted stays wanted: nobody comes anew and repairs by that what got stuck.
    if (edges.every((edge) => edge.plans.size === 0)) await edges[0]?.join(this.#random.of(plans) as Plan);
    checker.note(`calm ${edges.map((edge) => `${edge.id}: ${[...edge.plans.keys()].join()}`).join(' ')}`);
    const missing = () =>
      edges.flatMap((edge) =>
        [...edge.plans.values()].flatMap((plan) => {
          const status = edge.statusOf(plan);
          if (status.status === 'ready') return this.#outdated(edge, plan);
          return isRefused(status) ? [] : [`${edge.id} wants ${plan.target}, and it is ${status.status}`];
        }),
      );
    await this.#until(async () => missing().length === 0, calmMs);
    const faults = [...checker.faults, ...edges.flatMap((edge) => edge.faults), ...missing()];
    for (const edge of edges) await edge.leave();
    await this.#until(
      async () => (await this.#left()).length === 0,
      timing.reapDeadlineMs.value + timing.lingerMs.value,
    );
    faults.push(...(await this.#left()));
    for (const edge of edges) edge.stop();
    for (const one of this.#cluster.initializers) this.#cluster.crash(one);
    return { faults, story: checker.story, seen: checker.seen };
  }

  /** What is used is replaced by the version of the catalog, as it says there. */
  #outdated(edge: SimEdge, plan: Plan): string[] {
    const { services } = this.#cluster.catalog.catalog;
    return plan.instances.flatMap(({ instance, service }) => {
      const spec = services[service];
      const { definition, draining } = edge.recordOf(instance) ?? {};
      if (spec?.update !== 'rolling' || (definition === digestOf(spec) && draining === undefined)) return [];
      return [`${edge.id} uses ${instance}, which was not replaced`];
    });
  }

  /** What is not gone although nobody wants anything. */
  async #left(): Promise<string[]> {
    const { store, instances, executor } = this.#cluster;
    const records = (await store.ledger.read(instances)).flatMap(({ record }) => record ?? []);
    return [
      ...records
        .filter((record) => record.state !== 'cold' || record.dependents.length > 0)
        .map(
          ({ instance, state, dependents }) => `${instance} is wanted by nobody and ${state} (${dependents.join()})`,
        ),
      ...[...executor.runs.keys()].map((run) => `${run} still runs`),
    ];
  }

  async #until(isSo: () => Promise<boolean>, boundMs: number): Promise<void> {
    for (let at = 0; at < boundMs; at += stepMs) {
      await this.#step();
      if (at % 500 === 0 && (await isSo())) return;
    }
  }

  #happen(): void {
    const { initializers, edges, executor, checker, store } = this.#cluster;
    const one = this.#random.of(initializers);
    const edge = this.#random.of(edges);
    const run = this.#random.of([...executor.runs.values()]);
    const forMs = this.#random.between(500, 14_000);
    switch (
      this.#random.of([
        'join',
        'join',
        'join',
        'leave',
        'crash',
        'term',
        'freeze',
        'cut',
        'outage',
        'kill',
        'add',
        'change',
        'flush',
      ] as const)
    ) {
      case 'join':
        return void edge?.join(this.#random.of(plans) as Plan);
      case 'leave':
        return void edge?.leave();
      case 'crash':
        if (one && initializers.length > 1) this.#cluster.crash(one);
        return;
      case 'term':
        if (one && !one.process.frozen && initializers.length > 1) {
          checker.note(`terminated ${one.process.id}`);
          this.#cluster.terminate(one);
        }
        return;
      case 'freeze':
        return one && this.#freeze(one, forMs);
      case 'cut':
        return one && this.#cut([one], forMs);
      case 'outage':
        return this.#cut(initializers, forMs);
      case 'kill':
        if (run) checker.note(`killed ${run.name}`);
        return run?.end({ code: null, signal: 'SIGKILL' });
      case 'add':
        return initializers.length < 4 ? void this.#cluster.addInitializer() : undefined;
      case 'change':
        return this.#cluster.changeCatalog();
      case 'flush':
        if (!this.#flushes) return;
        checker.emptied();
        return store.clear();
      case undefined:
        return;
    }
  }

  /** In the middle of something. */
  #mishap(one: SimInitializer): void {
    if (this.#random.chance(0.3) && this.#cluster.initializers.length > 1) this.#cluster.crash(one);
    else this.#freeze(one, this.#random.between(500, 14_000));
  }

  #freeze(one: SimInitializer, forMs: number): void {
    this.#cluster.checker.note(`frozen ${one.process.id} ${forMs}`);
    one.process.freeze();
    setTimeout(() => one.process.thaw(), forMs);
  }

  #cut(whom: SimCluster['initializers'], forMs: number): void {
    for (const one of whom) {
      this.#cluster.checker.note(`cut ${one.process.id} ${forMs}`);
      one.broker.cutOff();
      setTimeout(() => one.process.crashed || one.broker.reconnect(), forMs);
    }
  }

  async #step(): Promise<void> {
    vi.advanceTimersByTime(stepMs);
    this.#cluster.store.tick();
    // A turn of the real loop runs every promise that is ready; the second one what a turn was waited for.
    for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => realTurn(resolve));
    if (this.#steps++ % 25 === 0) await this.#cluster.checker.look(this.#cluster.executor);
  }
}
