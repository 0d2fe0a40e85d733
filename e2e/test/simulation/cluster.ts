import { createMemoryBroker, type MemoryBroker, type MemoryTransport } from '@reveille/broker/memory';
import type { InstanceKey } from '@reveille/contracts';
import { BrokerUnavailable, type Reading } from '@reveille/orchestration';
import { edgePublicKey, edgeSigningKey } from '@reveille/service-kit/keys';
import { createLogger, createMetrics } from '@reveille/telemetry';
import { catalogs, entrypoints, people } from './catalog.ts';
import { Conversations, Dials } from './check/conversations.ts';
import { Faults } from './check/faults.ts';
import { Initializations } from './check/initializations.ts';
import { LedgerChecker } from './check/ledger-checker.ts';
import { RoutingChecker } from './check/routing-checker.ts';
import { Visits } from './check/visits.ts';
import type { Deployable } from './deployable.ts';
import { SimEdge } from './edge.ts';
import { Executor } from './executor.ts';
import { SimInitializer } from './initializer.ts';
import type { Latency } from './network/end.ts';
import { listenAsIn } from './network/fake-net.ts';
import type { UserSide } from './network/user-socket.ts';
import type { Upstreams } from './network/upstream.ts';
import type { Random } from './random.ts';
import { SimRelay } from './relay.ts';
import { SimProcess } from './sim-process.ts';
import { Tokens } from './tokens.ts';
import { Visit } from './user.ts';

const signingKey = edgeSigningKey(Buffer.alloc(32, 3).toString('base64url'));
const edgeKey = edgePublicKey(signingKey);
/** An edge makes many more calls than an initializer. */
const mishapShareOfEdges = 1 / 1500;

/** Edges, initializers and relays as they are, with users and services, over twins of the broker, of the executor and of the network. */
export class SimCluster {
  readonly random: Random;
  readonly store: MemoryBroker;
  readonly faults = new Faults();
  readonly ledger: LedgerChecker;
  readonly conversations: Conversations;
  readonly initializations: Initializations;
  readonly executor: Executor;
  edges: SimEdge[] = [];
  initializers: SimInitializer[] = [];
  relays: SimRelay[] = [];
  /** Were told to end. */
  readonly ending: Deployable[] = [];
  visits: Visit[] = [];
  /** Share of messages that are lost, doubled or late. */
  lossy = 0;
  /** Starts under way at once over all initializers. */
  pool: number | undefined;
  /** Undefined: edges believe everybody. */
  readonly tokens: Tokens | undefined;
  readonly #latency: Latency = () => (this.random.chance(0.3) ? this.random.between(1, 120) : 0);
  readonly #upstreams: Upstreams;
  readonly #routing = new RoutingChecker(this.faults);
  readonly #visits: Visits;
  readonly #observed = {
    logger: createLogger({ name: 'simulation', level: process.env['TEST_LOG'] ?? 'silent' }),
    metrics: createMetrics({ processMetrics: false }),
  };
  #version = 0;
  #count = 0;

  constructor(random: Random) {
    this.random = random;
    if (random.chance(0.5)) this.tokens = new Tokens(random);
    const transport: MemoryTransport = (_, deliver) => this.#carry(deliver);
    this.store = createMemoryBroker({ now: () => Date.now(), transport, partitions: 2 });
    const { faults } = this;
    this.ledger = new LedgerChecker(faults, (instance) => this.peek(instance));
    this.conversations = new Conversations(faults, (run) => this.ledger.wasReady(run));
    this.initializations = new Initializations(faults, (instance) => this.ledger.history(instance));
    this.#visits = new Visits(faults, this);
    this.executor = new Executor({
      random,
      latency: this.#latency,
      witness: {
        started: (run) => this.ledger.started(run),
        stopping: (run, by) => this.ledger.stopping(run, by),
        took: (...of) => this.conversations.took(...of),
        says: (...of) => this.conversations.says(...of),
        forgot: (...of) => this.conversations.forgot(...of),
      },
    });
    listenAsIn({ latency: this.#latency, isAt: (port) => this.executor.at(port) !== undefined });
    const dials = new Dials(faults);
    this.#upstreams = {
      latency: this.#latency,
      answer: (...of) => this.executor.answer(...of),
      dialled: (edge, port) => {
        const run = this.executor.at(port);
        if (run !== undefined) dials.dialled(edge.id, run.instance, run.generation);
      },
    };
  }

  get deployables(): Deployable[] {
    return [...this.initializers, ...this.edges, ...this.relays];
  }

  /** The record as it is stored, without a process in between. */
  peek(instance: InstanceKey): Promise<Reading | undefined> {
    return this.store.ledger.read([instance]).then(([reading]) => reading);
  }

  async addInitializer(): Promise<void> {
    const process = new SimProcess(`initializer-${++this.#count}`, this.random);
    const broker = this.store.another();
    const initializer = new SimInitializer(process, broker);
    this.initializers.push(initializer);
    process.version = this.#version;
    const { ledger: checker, pool } = this;
    const driver = this.executor.driver(process);
    await this.#up(
      initializer,
      initializer.start({ process, broker, driver, checker, edgeKey, pool, ...this.#observed }),
    );
  }

  async addEdge(): Promise<void> {
    const process = new SimProcess(`edge${++this.#count}`, this.random, mishapShareOfEdges);
    process.version = this.#version;
    const edge = new SimEdge(process, this.store.another());
    const onLimit = (limit: string): void => this.faults.count(limit);
    const { tokens } = this;
    // It takes users once it is up, as its readiness says.
    await this.#up(edge, edge.start({ signingKey, upstreams: this.#upstreams, onLimit, tokens, ...this.#observed }));
    if (edge.isUp) this.edges.push(edge);
  }

  async addRelay(): Promise<void> {
    const relay = new SimRelay(new SimProcess(`relay-${++this.#count}`, this.random), this.store.another());
    this.relays.push(relay);
    await this.#up(relay, relay.start({ checker: this.#routing, ...this.#observed }));
  }

  /** Without the store a deployable does not start: it ends, and another one has to come. */
  async #up(one: Deployable, starting: Promise<void>): Promise<void> {
    try {
      await starting;
      one.isUp = true;
    } catch (error) {
      if (!(error instanceof BrokerUnavailable)) throw error;
      this.crash(one);
    }
  }

  /** Somebody comes, to something. */
  addVisit(): void {
    const { random } = this;
    const person = random.of(people);
    const entrypoint = random.of(entrypoints);
    if (person === undefined || entrypoint === undefined) return;
    const id = `${person.user}.${++this.#count}`;
    this.faults.note(`joined ${id} ${entrypoint}`);
    const balancer = (socket: UserSide, visit: Visit): void => this.#balance(socket, visit);
    const frailty = (): number => this.executor.frailty;
    this.visits.push(
      new Visit({
        ...{ id, person, entrypoint, random, balancer, pass: this.tokens?.passFor(person) },
        saysUnanswered: this.#count % 3 > 0,
        latency: this.#latency,
        checker: this.#visits,
        frailty,
      }),
    );
  }

  crash(one: Deployable): void {
    this.faults.note(`crashed-${one.kind} ${one.id}`);
    this.remove(one);
    one.crash();
  }

  terminate(one: Deployable): void {
    this.faults.note(`terminated-${one.kind} ${one.id}`);
    this.remove(one);
    this.ending.push(one);
    void one.terminate();
  }

  /** Nobody counts on it any more. */
  remove(one: Deployable): void {
    this.initializers = this.initializers.filter((other) => other !== one);
    this.edges = this.edges.filter((other) => other !== one);
    this.relays = this.relays.filter((other) => other !== one);
  }

  /** The other version of the catalog: each process reads it in its own time. */
  changeCatalog(): void {
    this.#version = 1 - this.#version;
    this.faults.note(`changed to ${this.#version}`);
    for (const { process } of this.deployables)
      setTimeout(() => (process.version = this.#version), this.random.between(1, 3000));
  }

  /** Everybody has read the newest one. */
  settleCatalog(): void {
    for (const { process } of this.deployables) process.version = this.#version;
  }

  get catalog() {
    return catalogs[this.#version] ?? catalogs[0];
  }

  #balance(socket: UserSide, visit: Visit): void {
    const edge = this.random.of(this.edges.filter(({ draining }) => !draining));
    const open = (): void => {
      if (edge === undefined || edge.process.crashed) socket.refused();
      else {
        const isKept = (): boolean => edge.broker.unavailable() === undefined;
        void edge.accept(socket, visit.entrypoint, (opened) => this.#visits.opened(visit, opened, isKept));
      }
    };
    setTimeout(open, this.#latency());
  }

  #carry(deliver: () => void): void {
    if (!this.random.chance(this.lossy)) return queueMicrotask(deliver);
    const fate = this.random.of(['lost', 'doubled', 'late'] as const);
    if (fate === 'doubled') queueMicrotask(deliver);
    if (fate !== 'lost') setTimeout(deliver, this.random.between(1, 3000));
  }
}
