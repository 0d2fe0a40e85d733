import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBroker } from '@reveille/broker';
import { type InstanceKey, type LedgerRecord, scopeKeysOf } from '@reveille/contracts';
import type { Broker, Reading } from '@reveille/orchestration';
import { clusterEnv, Deployable, type Kind } from '../deployables.ts';
import { History } from '../history/history.ts';
import { eventually } from './eventually.ts';
import { type CatalogOf, faultCatalog } from './fault-catalog.ts';
import { LedgerTail } from './ledger-tail.ts';
import { RunLooks, runsOf } from './run-looks.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { Visitor, type VisitorOf } from './visitor.ts';
import type { Shape, WorldOf } from './world-of.ts';
import { WorldRedis } from './world-redis.ts';

/** The tenant of everybody who does not say another. */
const tenant = 'acme';

const startTries = 5;
let lastCreated: Promise<unknown> = Promise.resolve();

/** A deployable with the way to Redis that only it uses, so that faults can be put there. */
export type Placed = { readonly deployable: Deployable; readonly redis: TcpProxy };

/** Edges, initializers and relays as processes on a Redis of their own, users, and a history of all that happens. */
export class FaultWorld implements AsyncDisposable {
  readonly dir: string;
  readonly history: History;
  readonly placed: Placed[] = [];
  readonly visitors: Visitor[] = [];
  readonly #env: Record<string, string>;
  readonly #ledger: WorldRedis | Shape;
  readonly #direct: boolean;
  /** Sources that deployables run from; default these. */
  root: string | undefined;
  #broker: Broker | undefined;
  readonly #looks: RunLooks;
  readonly tail: LedgerTail;
  #over = false;

  private constructor(dir: string, env: Record<string, string>, ledger: WorldRedis | Shape, direct: boolean) {
    this.dir = dir;
    this.#env = env;
    this.#ledger = ledger;
    this.#direct = direct;
    this.history = new History(dir);
    this.#looks = new RunLooks(this.namespace, this.history);
    this.tail = new LedgerTail({ url: ledger.url, namespace: this.namespace, history: this.history });
  }

  /** One world starts at a time: many processes that start at once keep one another from Redis for longer than it may take. */
  static create(of: WorldOf = {}): Promise<FaultWorld> {
    const created = lastCreated.then(() => FaultWorld.#create(of));
    lastCreated = created.catch(() => undefined);
    return created;
  }

  static async #create(of: WorldOf): Promise<FaultWorld> {
    const dir = await mkdtemp(join(tmpdir(), 'reveille-faults-'));
    const catalog = join(dir, 'reveille.yaml');
    await writeFile(catalog, faultCatalog(of));
    const ledger = await (of.shape?.() ?? WorldRedis.start(dir, of.redis));
    const namespace = `faults-${randomBytes(5).toString('hex')}`;
    const env = { ...clusterEnv({ redisUrl: ledger.url, namespace, catalog }), ...of.env };
    const world = new FaultWorld(dir, env, ledger, of.direct ?? of.shape !== undefined);
    try {
      world.root = of.root;
      const size = { edge: 1, initializer: 1, relay: 1, ...of.size };
      const kinds = (['relay', 'initializer', 'edge'] as const).flatMap((kind) => Array<Kind>(size[kind]).fill(kind));
      await Promise.all(kinds.map((kind) => world.add(kind)));
      return world;
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  get redis(): WorldRedis {
    if (!(this.#ledger instanceof WorldRedis)) throw new Error('this world has another shape of Redis');
    return this.#ledger;
  }

  get namespace(): string {
    return this.#env['REVEILLE_NAMESPACE'] ?? '';
  }

  /** One more deployable, once it runs. One that does not come up is started again, as its supervisor would. */
  async add(kind: Kind, env: Readonly<Record<string, string>> = {}): Promise<Placed> {
    const redis = await TcpProxy.before(() => this.redis.port);
    const url = this.#direct ? this.#ledger.url : `redis://127.0.0.1:${redis.port}`;
    for (let left = startTries; ; left--) {
      const one = { deployable: new Deployable(kind, { ...this.#env, REDIS_URL: url, ...env }, this.root), redis };
      try {
        await one.deployable.running();
        this.placed.push(one);
        return one;
      } catch (error) {
        if (left > 0) continue;
        await redis[Symbol.asyncDispose]();
        throw error;
      }
    }
  }

  of(kind: Kind): Placed[] {
    return this.placed.filter(({ deployable }) => deployable.kind === kind);
  }

  the(kind: Kind, index = 0): Placed {
    const one = this.of(kind)[index];
    if (one === undefined) throw new Error(`there is no ${kind} ${index}`);
    return one;
  }

  /** A user on a socket of an edge. */
  async user(
    name: string,
    { edge = 0, ...of }: Partial<Omit<VisitorOf, 'edge'>> & { edge?: number } = {},
  ): Promise<Visitor> {
    const { deployable } = this.the('edge', edge);
    const url = await deployable.url();
    const visitor = await Visitor.come({
      ...{ url, edge: `edge ${edge}`, user: name, tenant, entrypoint: 'chat', history: this.history },
      ...of,
    });
    this.visitors.push(visitor);
    return visitor;
  }

  /** A signal, written down when it ends an initializer. */
  signal({ deployable }: Placed, signal: NodeJS.Signals): void {
    const ends = signal === 'SIGKILL' || signal === 'SIGTERM';
    if (deployable.kind === 'initializer' && ends) this.history.note({ did: 'initializer_ended' });
    deployable.child.kill(signal);
  }

  kill(pid: number): void {
    this.history.note({ did: 'service_killed', pid });
    process.kill(pid, 'SIGKILL');
  }

  async keyOf(service: string, scope: 'global' | 'tenant' = service === 'app' ? 'tenant' : 'global') {
    const keys = await scopeKeysOf({ user: 'anybody', tenant });
    return `${service}~${scope === 'global' ? 'global' : keys.tenant}` as InstanceKey;
  }

  async reading(service: string): Promise<Reading | undefined> {
    return (await (await this.broker()).ledger.read([await this.keyOf(service)]))[0];
  }

  async record(service: string): Promise<LedgerRecord | undefined> {
    return (await this.reading(service))?.record;
  }

  /** Waits for a record that fits; while Redis is away there is none. */
  async until(service: string, fits: (record: LedgerRecord) => boolean): Promise<LedgerRecord> {
    let found: LedgerRecord | undefined;
    const look = async (): Promise<boolean> => {
      found = await this.record(service).catch(() => undefined);
      return found !== undefined && fits(found);
    };
    await eventually(look, () => `${service} did not come to what was waited for, it is ${JSON.stringify(found)}`);
    return found as LedgerRecord;
  }

  /** The nth start of a service, once it has happened. */
  async started(service: string, nth = 1): Promise<ReturnType<FaultWorld['starts']>[number]> {
    await eventually(() => this.starts(service).length >= nth, `${service} was not started ${nth} times`);
    return this.starts(service)[nth - 1] as never;
  }

  starts(service: string) {
    return this.history.written().filter((one) => one.did === 'start' && one.service === service);
  }

  async file(name: string): Promise<void> {
    await writeFile(join(this.dir, name), '');
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.dir, name), { force: true });
  }

  async replaceCatalog(of: CatalogOf): Promise<void> {
    const taken = (one: Deployable): number =>
      one.log.filter((line) => /catalog was read again|a new catalog/.test(line.msg)).length;
    const readers = this.placed.map(({ deployable }) => deployable).filter(({ kind }) => kind !== 'relay');
    const before = readers.map(taken);
    await writeFile(join(this.dir, 'reveille.yaml'), faultCatalog(of));
    for (const one of readers) one.child.kill('SIGHUP');
    await eventually(
      () => readers.every((one, index) => taken(one) > (before[index] ?? 0)),
      'the catalog was not read',
    );
  }

  /** Which initializer holds the instance, and another one. */
  async holderOf(service: string): Promise<{ holder: Placed; other: Placed | undefined }> {
    const owner = (await this.record(service))?.owner;
    const all = this.of('initializer');
    const holder = all.find(({ deployable }) => deployable.log.some((line) => line['id'] === owner));
    if (holder === undefined) throw new Error(`nobody holds ${service}`);
    return { holder, other: all.find((one) => one !== holder) };
  }

  /** Ports of the broker over a way to Redis that has no faults of its own. */
  async broker(): Promise<Broker> {
    return (this.#broker ??= await connectBroker({ url: this.#ledger.url, namespace: this.namespace }));
  }

  async killRedis(): Promise<void> {
    this.history.note({ did: 'ledger_away' });
    await this.redis.kill();
  }

  async restartRedis(args?: readonly string[]): Promise<void> {
    await this.redis.restart(args);
    this.history.note({ did: 'ledger_back' });
  }

  /** Everything ends as an operator ends it. What still runs then is returned. */
  async end(): Promise<string[]> {
    await Promise.all(this.visitors.map((visitor) => visitor.leave()));
    await this[Symbol.asyncDispose]();
    await eventually(() => runsOf(this.namespace).length === 0, 'x', 15_000).catch(() => undefined);
    return runsOf(this.namespace).map(({ pid, instance }) => `${instance} (process ${pid})`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#looks[Symbol.dispose]();
    for (const visitor of this.visitors) visitor.socket.terminate();
    for (const { deployable, redis } of this.placed) {
      redis.heal();
      deployable.child.kill('SIGCONT');
    }
    for (const kind of ['edge', 'initializer', 'relay'] as const)
      await Promise.all(this.of(kind).map(({ deployable }) => deployable[Symbol.asyncDispose]()));
    await this.#broker?.[Symbol.asyncDispose]();
    await this.tail[Symbol.asyncDispose]();
    await Promise.all(this.placed.map(({ redis }) => redis[Symbol.asyncDispose]()));
    await this.#ledger[Symbol.asyncDispose]();
    await rm(this.dir, { recursive: true, force: true });
  }
}
