import type { SimCluster } from './cluster.ts';
import type { Deployable } from './deployable.ts';
import type { Random } from './random.ts';

/** The most of each that there are. */
const most = { initializers: 4, edges: 4, relays: 3, visits: 8 } as const;
/** Something happens so often, milliseconds. */
const everyMs = 1000;
/** How far a replica may be behind, milliseconds. */
const behindMs = [20, 1500] as const;

/** What happens to a cluster, again and again. */
const happenings = {
  join: 6,
  leave: 1,
  crash: 2,
  term: 2,
  freeze: 2,
  cut: 2,
  outage: 0.5,
  voiceless: 0.5,
  kill: 1,
  add: 3,
  change: 1,
  flush: 1,
  failover: 1,
  trim: 1,
  break: 2,
  dawdle: 1,
  impostor: 1,
} as const;
type Happening = keyof typeof happenings;

/** Brings trouble to a cluster, and users. */
export class Trouble {
  readonly #cluster: SimCluster;
  readonly #random: Random;
  /** Whether the store loses all that it has, and the last of it: some of what is checked holds no longer then. */
  readonly #flushes: boolean;
  readonly #failsOver: boolean;
  #isOver = false;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
    this.#random = cluster.random;
    this.#flushes = this.#random.chance(0.2);
    this.#failsOver = this.#random.chance(0.2);
    cluster.lossy = this.#random.chance(0.5) ? 0.2 : 0;
    cluster.executor.frailty = this.#random.chance(0.5) ? 0.05 : 0;
  }

  /** What may happen within this time. */
  pass(ms: number): void {
    for (const one of [...this.#cluster.initializers, ...this.#cluster.edges])
      one.process.mishap ??= () => this.#mishap(one);
    if (this.#random.chance(ms / everyMs)) this.#happen(this.#drawn());
  }

  /** It is over: everybody goes on. */
  end(): void {
    const { deployables, ending, executor } = this.#cluster;
    this.#isOver = true;
    this.#cluster.lossy = 0;
    executor.trouble = 0;
    executor.frailty = 0;
    if (this.#cluster.tokens) this.#cluster.tokens.frailty = 0;
    for (const run of executor.runs.values()) run.impostor = false;
    this.#cluster.settleCatalog();
    for (const one of [...deployables, ...ending]) {
      one.process.mishap = undefined;
      one.heal();
    }
  }

  #drawn(): Happening {
    const all = Object.entries(happenings) as [Happening, number][];
    let at = this.#random.next() * all.reduce((sum, [, weight]) => sum + weight, 0);
    return all.find(([, weight]) => (at -= weight) < 0)?.[0] ?? 'join';
  }

  #happen(what: Happening): void {
    const { initializers, edges, relays, executor, faults, store, ledger, conversations } = this.#cluster;
    const forMs = this.#random.between(500, 14_000);
    const one = this.#random.of(
      [initializers, edges, relays].flatMap((kind) => this.#random.of<Deployable>(kind) ?? []),
    );
    const visit = this.#random.of(this.#cluster.visits.filter(({ left }) => !left));
    const run = this.#random.of([...executor.runs.values()]);
    switch (what) {
      case 'join':
        if (this.#cluster.visits.filter(({ left }) => !left).length < most.visits) this.#cluster.addVisit();
        return;
      case 'leave':
        if (visit) faults.note(`left ${visit.id}`);
        return visit?.leave();
      case 'crash':
        return one && this.#isSpare(one) ? this.#cluster.crash(one) : undefined;
      case 'term':
        return one?.isUp && !one.process.frozen && this.#isSpare(one) ? this.#cluster.terminate(one) : undefined;
      case 'freeze':
        return one && this.#freeze(one, forMs);
      case 'cut':
        return one && this.#cut([one], forMs);
      case 'outage':
        return this.#cut(this.#cluster.deployables, forMs);
      case 'voiceless':
        faults.note('voiceless');
        for (const relay of relays) this.#cluster.crash(relay);
        return;
      case 'kill':
        if (run) faults.note(`killed ${run.name}`);
        return run?.end({ code: null, signal: 'SIGKILL' });
      case 'add':
        return this.#add();
      case 'change':
        return this.#cluster.changeCatalog();
      case 'flush':
        if (!this.#flushes) return;
        ledger.emptied();
        conversations.emptied();
        return store.clear();
      case 'failover':
        return this.#failsOver ? this.#failOver(forMs) : undefined;
      case 'trim':
        if (store.trimJournal() > 0) faults.note('trimmed');
        return;
      case 'break': {
        const edge = this.#random.of(edges);
        if (edge?.breakOne((ends) => this.#random.of(ends))) faults.note(`broken ${edge.id}`);
        return;
      }
      case 'dawdle':
        if (visit) faults.note(`dawdles ${visit.id} ${forMs}`);
        return visit?.dawdle(forMs);
      case 'impostor':
        if (run === undefined) return;
        faults.note(`impostor ${run.name}`);
        run.impostor = true;
        setTimeout(() => (run.impostor = false), forMs / 2);
    }
  }

  /** Of each kind but relays somebody is left. */
  #isSpare(one: Deployable): boolean {
    const { initializers, edges } = this.#cluster;
    if (one.kind === 'relay') return true;
    return (one.kind === 'edge' ? edges : initializers).length > 1;
  }

  #add(): void {
    const { initializers, edges, relays } = this.#cluster;
    const kind = this.#random.of(['initializer', 'edge', 'relay'] as const);
    if (kind === 'initializer' && initializers.length < most.initializers) void this.#cluster.addInitializer();
    if (kind === 'edge' && edges.length < most.edges) void this.#cluster.addEdge();
    if (kind === 'relay' && relays.length < most.relays) void this.#cluster.addRelay();
  }

  /** In the middle of something. */
  #mishap(one: Deployable): void {
    if (this.#random.chance(0.3) && this.#isSpare(one)) this.#cluster.crash(one);
    else this.#freeze(one, this.#random.between(500, 14_000));
  }

  /** To a replica that is behind: what it had not got is lost, whatever was answered to who wrote it. */
  #failOver(forMs: number): void {
    const { store, ledger, conversations, deployables } = this.#cluster;
    const takeOver = store.replica();
    setTimeout(
      () => {
        if (this.#isOver) return;
        this.#cut(deployables, forMs);
        takeOver();
        void ledger.failedOver();
        conversations.failedOver();
      },
      this.#random.between(...behindMs),
    );
  }

  #freeze(one: Deployable, forMs: number): void {
    this.#cluster.faults.note(`frozen-${one.kind} ${one.id} ${forMs}`);
    one.freeze(forMs);
  }

  #cut(whom: readonly Deployable[], forMs: number): void {
    for (const one of whom) {
      this.#cluster.faults.note(`cut-${one.kind} ${one.id} ${forMs}`);
      one.cutOff(forMs);
    }
  }
}
