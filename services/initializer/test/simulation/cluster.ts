import { createMemoryBroker, type MemoryBroker, type MemoryTransport } from '@reveille/broker/memory';
import type { InstanceKey } from '@reveille/contracts';
import { Scope } from '@reveille/lifecycle';
import { type Broker, type Commit, type Ledger, type Reading, type RunName } from '@reveille/orchestration';
import { createLogger, createMetrics } from '@reveille/telemetry';
import { startHands } from '../../src/hands.ts';
import { Reports } from '../../src/start/reports.ts';
import { Hosts } from '../../src/subject/hosts.ts';
import { catalogs, plans } from './catalog.ts';
import { Checker } from './checker.ts';
import { Executor } from './executor.ts';
import type { Random } from './random.ts';
import { SimEdge } from './sim-edge.ts';
import { SimProcess } from './sim-process.ts';

export type SimInitializer = { process: SimProcess; broker: MemoryBroker; scope: Scope };

/** Initializers as they are, over twins of the broker and the executor, with edges of the simulation. */
export class SimCluster {
  readonly random: Random;
  readonly store: MemoryBroker;
  readonly checker: Checker;
  readonly executor: Executor;
  readonly edges: SimEdge[] = [];
  initializers: SimInitializer[] = [];
  /** Share of messages that are lost, doubled or late. */
  lossy = 0;
  /** Starts under way at once over all initializers. */
  pool: number | undefined;
  readonly #logger = createLogger({ name: 'initializer', level: process.env['TEST_LOG'] ?? 'silent' });
  readonly #metrics = createMetrics({ processMetrics: false });
  #version = 0;
  readonly #reports = new Reports('x'.repeat(32));
  #count = 0;

  constructor(random: Random) {
    this.random = random;
    const transport: MemoryTransport = (_, deliver) => this.#carry(deliver);
    this.store = createMemoryBroker({ now: () => Date.now(), transport, partitions: 2 });
    const recordOf = (instance: InstanceKey) => this.peek(instance);
    this.checker = new Checker(recordOf);
    this.executor = new Executor(random, {
      started: (run) => this.checker.started(run),
      stopping: (run: RunName, by: string) => this.checker.stopping(run, by),
    });
  }

  /** The record as it is stored, without a process in between. */
  peek(instance: InstanceKey): Promise<Reading | undefined> {
    return this.store.ledger.read([instance]).then(([reading]) => reading);
  }

  async addInitializer(): Promise<void> {
    const process = new SimProcess(`initializer-${++this.#count}`, this.random);
    const broker = this.store.another();
    const scope = new Scope({ disposeMs: 20_000 });
    const initializer = { process, broker, scope };
    this.initializers.push(initializer);
    const passing = this.#passing(process, broker);
    process.version = this.#version;
    await startHands(scope, {
      broker: passing,
      drivers: new Map([['docker', this.executor.driver(process)]]),
      hosts: new Hosts(passing.members, `host-${this.#count}`),
      reports: this.#reports,
      catalog: () => this.catalogOf(process),
      owner: process.id,
      rootSecret: 'x'.repeat(32),
      edgeKey: 'k',
      startConcurrency: 16,
      limits: { pool: this.pool },
      logger: this.#logger,
      metrics: this.#metrics,
    });
  }

  addEdge(): SimEdge {
    const edge = new SimEdge(`edge${this.edges.length + 1}`, this.store.another());
    this.edges.push(edge);
    return edge;
  }

  crash(initializer: SimInitializer): void {
    initializer.process.crash();
    initializer.process.thaw();
    initializer.broker.crash();
    this.initializers = this.initializers.filter((one) => one !== initializer);
    this.checker.gone(initializer.process.id);
  }

  /** SIGTERM: in the background, as its process would. */
  terminate(initializer: SimInitializer): void {
    this.initializers = this.initializers.filter((one) => one !== initializer);
    // Its end is part of what is simulated; what it could not do in time shows in the ledger.
    void initializer.scope.dispose().catch(() => undefined);
  }

  /** The other version of the catalog: each initializer reads it in its own time. */
  changeCatalog(): void {
    this.#version = 1 - this.#version;
    this.checker.note(`changed to ${this.#version}`);
    for (const { process } of this.initializers)
      setTimeout(() => (process.version = this.#version), this.random.between(1, 3000));
  }

  /** Everybody has read the newest one. */
  settleCatalog(): void {
    for (const { process } of this.initializers) process.version = this.#version;
  }

  get catalog() {
    return catalogs[this.#version] ?? catalogs[0];
  }

  catalogOf({ version }: SimProcess) {
    return catalogs[version] ?? catalogs[0];
  }

  get instances(): InstanceKey[] {
    return [...new Set(plans.flatMap((plan) => plan.instances.map(({ instance }) => instance)))];
  }

  #passing(process: SimProcess, broker: MemoryBroker): Broker {
    const { checker } = this;
    // The checker sees what happens when it happens, not when its answer arrives.
    const seen = Object.create(broker.ledger) as Ledger;
    const define = <K extends keyof Ledger>(name: K, value: Ledger[K]) => Object.defineProperty(seen, name, { value });
    define('commit', async (change: Commit) => {
      const result = await broker.ledger.commit(change);
      if (result.committed) checker.committed(change, process.id);
      return result;
    });
    define('renew', async (instance, holder) => {
      const result = await broker.ledger.renew(instance, holder);
      if (result.held) checker.renewed(instance, holder);
      return result;
    });
    for (const name of ['read', 'want', 'unwant', 'takeWatch', 'due'] as const)
      define(name, (broker.ledger[name] as (...args: unknown[]) => never).bind(broker.ledger));
    define('partitions', broker.ledger.partitions);
    const ledger = process.through(seen, ['read', 'want', 'unwant', 'commit', 'renew', 'takeWatch', 'due']);
    return {
      ...broker,
      ledger,
      operations: process.through(broker.operations, ['pauses']),
      quotas: process.through(broker.quotas, ['reserve', 'hold', 'release']),
      members: process.through(broker.members, ['announce', 'leave', 'alive']),
      wakeUps: process.through(broker.wakeUps, ['reconcile', 'start', 'withdraw']),
    };
  }

  #carry(deliver: () => void): void {
    if (!this.random.chance(this.lossy)) return queueMicrotask(deliver);
    const fate = this.random.of(['lost', 'doubled', 'late'] as const);
    if (fate === 'doubled') queueMicrotask(deliver);
    if (fate !== 'lost') setTimeout(deliver, this.random.between(1, 3000));
  }
}
