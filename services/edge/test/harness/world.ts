import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { connectBroker } from '@reveille/broker';
import { createMemoryBroker, type MemoryBroker } from '@reveille/broker/memory';
import { parseCatalog } from '@reveille/catalog';
import {
  type CatalogInput,
  type ChangeKind,
  type Failure,
  failureCodes,
  type InstanceKey,
  type LedgerRecord,
  type ReconcileJob,
  scopeKeysOf,
} from '@reveille/contracts';
import { type Broker, type Plan, planOf } from '@reveille/orchestration';
import { createLogger, type Logger } from '@reveille/telemetry';
import { inject } from 'vitest';
import { defaultTimings, type Edge, type EdgeConfig, type EdgeTimings, startEdge } from '../../src/index.ts';
import { Client } from './client.ts';
import { publicKeyOf, Service, type ServiceOptions } from './service.ts';

export type WorldOptions = {
  catalog: CatalogInput;
  /** Default `redis`. `memory` where a test needs to hold the broker in its hand. */
  on?: 'redis' | 'memory';
  timings?: Partial<EdgeTimings>;
  config?: Partial<EdgeConfig>;
};

/** A deployment on loopback whose initializers and relay are the test itself. */
export class World implements AsyncDisposable {
  readonly broker: Broker;
  readonly memory: MemoryBroker | undefined;
  readonly jobs: ReconcileJob[] = [];
  readonly log: Record<string, unknown>[] = [];
  readonly logger: Logger;
  readonly catalogPath: string;
  readonly namespace: string;
  readonly #options: WorldOptions;
  readonly #stack: AsyncDisposableStack;
  #news = Promise.withResolvers<void>();

  private constructor(of: {
    broker: Broker;
    memory: MemoryBroker | undefined;
    path: string;
    namespace: string;
    options: WorldOptions;
    stack: AsyncDisposableStack;
  }) {
    this.broker = of.broker;
    this.memory = of.memory;
    this.catalogPath = of.path;
    this.namespace = of.namespace;
    this.#options = of.options;
    this.#stack = of.stack;
    const destination = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        for (const line of String(chunk).split('\n')) if (line !== '') this.log.push(JSON.parse(line));
        this.#tell();
        done();
      },
    });
    this.logger = createLogger({ name: 'edge', level: 'debug', destination });
  }

  static async create(options: WorldOptions): Promise<World> {
    const stack = new AsyncDisposableStack();
    const dir = await mkdtemp(join(tmpdir(), 'reveille-edge-'));
    stack.defer(() => rm(dir, { recursive: true, force: true }));
    const path = join(dir, 'reveille.yaml');
    await writeFile(path, JSON.stringify(options.catalog));
    const namespace = `t${randomBytes(6).toString('hex')}`;
    const memory = options.on === 'memory' ? createMemoryBroker({ now: Date.now }) : undefined;
    const broker = stack.use(memory ?? (await connectBroker({ url: inject('redisUrl'), namespace })));
    const world = new World({ broker, memory, path, namespace, options, stack });
    // The relay.
    const relay = await broker.journal.consume('relay', async (entries) => {
      for (const { entry, edges } of entries) for (const edge of edges) await broker.router.publish(edge, [entry]);
    });
    stack.use(relay);
    // The initializer: hears what is wanted; the test decides what becomes of it.
    const heard = await broker.wakeUps.consume(
      {
        reconcile: async (job) => {
          world.jobs.push(job);
          world.#tell();
        },
        start: async () => undefined,
      },
      { reconcileConcurrency: 1, startConcurrency: 1 },
    );
    stack.use(heard);
    return world;
  }

  async edge(more: Partial<EdgeConfig> = {}, broker?: Broker): Promise<Edge> {
    const config: EdgeConfig = {
      host: '127.0.0.1',
      port: 0,
      healthPort: 0,
      healthOnUserPort: true,
      redisUrl: this.memory ? 'redis://unused' : inject('redisUrl'),
      namespace: this.namespace,
      catalog: this.catalogPath,
      auth: { kind: 'none' },
      signingKey: Buffer.alloc(32, 3).toString('base64url'),
      connectionsPerAddress: undefined,
      handshakesPerSecond: undefined,
      trustedProxies: [],
      ...this.#options.config,
      ...more,
      timings: { ...defaultTimings, ...this.#options.timings, ...more.timings },
    };
    const own = broker ?? this.memory?.another();
    return this.#stack.use(await startEdge({ config, logger: this.logger, ...(own ? { broker: own } : {}) }));
  }

  async client(edge: Edge, options: ConstructorParameters<typeof Client>[1] = {}): Promise<Client> {
    return this.#stack.use(new Client(edge.url, options)).opened();
  }

  /** A client that has said hello. */
  async user(edge: Edge, user = 'ada', tenant = 'acme'): Promise<Client> {
    const client = await this.client(edge);
    client.hello({ as: { user, tenant } });
    await client.next('welcome');
    return client;
  }

  async service(options: ServiceOptions): Promise<Service> {
    return this.#stack.use(await Service.start(options));
  }

  async plan(user = 'ada', tenant = 'acme'): Promise<Plan> {
    const { catalog } = parseCatalog(JSON.stringify(this.#options.catalog), 'reveille.yaml');
    const plan = planOf(catalog, 'chat', await scopeKeysOf({ user, tenant }), { user, tenant });
    if ('refused' in plan) throw new Error(plan.refused);
    return plan;
  }

  async instance(service: string): Promise<InstanceKey> {
    const found = (await this.plan()).instances.find((one) => one.service === service);
    if (found === undefined) throw new Error(service);
    return found.instance;
  }

  async record(instance: InstanceKey): Promise<LedgerRecord | undefined> {
    return (await this.broker.ledger.read([instance]))[0]?.record;
  }

  /** Commits a change of an instance as an initializer would. */
  async commit(
    service: string,
    change: ChangeKind,
    patch: (before: LedgerRecord, now: number) => Partial<LedgerRecord>,
  ): Promise<LedgerRecord> {
    const plan = await this.plan();
    const planned = plan.instances.find((one) => one.service === service);
    if (planned === undefined) throw new Error(service);
    for (;;) {
      const [reading] = await this.broker.ledger.read([planned.instance]);
      if (reading === undefined) throw new Error('no reading');
      const before: LedgerRecord = reading.record ?? {
        version: 1,
        instance: planned.instance,
        service: planned.service,
        scope: planned.scope,
        scopeKey: planned.scopeKey,
        catalog: 'test',
        revision: 0,
        state: 'cold',
        generation: 0,
        attempt: 0,
        epoch: 0,
        dependencies: planned.dependencies,
        dependents: [],
        timings: {},
      };
      const revision = Math.max(reading.token + 1, reading.nowUs);
      const record: LedgerRecord = { ...before, ...patch(before, reading.now), revision };
      const result = await this.broker.ledger.commit({ expected: reading.token, record, change });
      if (result.committed) return record;
    }
  }

  /** A next generation waits. Its origin is that of the newest wake-up. */
  async waiting(service: string): Promise<LedgerRecord> {
    const instance = await this.instance(service);
    const origin = this.jobs.findLast((job) => job.instance === instance)?.origin;
    return this.commit(service, 'wanted', (before, now) => ({
      state: 'waiting',
      generation: Math.max(before.generation + 1, now * 1000),
      attempt: 0,
      timings: { wantedAt: now },
      failure: undefined as never,
      ...(origin ? { origin } : {}),
    }));
  }

  async starting(service: string, phase?: string): Promise<LedgerRecord> {
    return this.commit(service, phase === undefined ? 'claimed' : 'progress', (before, now) => ({
      state: 'starting',
      attempt: before.state === 'starting' ? before.attempt : before.attempt + 1,
      timings: { ...before.timings, claimedAt: before.timings.claimedAt ?? now },
      ...(phase === undefined ? {} : { progress: { phase, detail: `${phase} of ${service}`, percent: 40 } }),
    }));
  }

  async ready(
    service: string,
    endpoint = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 },
  ): Promise<LedgerRecord> {
    return this.commit(service, 'ready', (before, now) => {
      const generation = before.generation === 0 ? now * 1000 : before.generation;
      const { instance } = before;
      return {
        state: 'ready',
        generation,
        endpoint,
        publicKey: publicKeyOf({ instance, generation }),
        timings: { ...before.timings, readyAt: now },
      };
    });
  }

  async failed(service: string, more: Partial<Failure> & { cooldownMs?: number } = {}): Promise<LedgerRecord> {
    const { cooldownMs = 300, ...rest } = more;
    const code = more.code ?? 'exited_early';
    return this.commit(service, 'failed', (before, now) => ({
      state: 'failed',
      cooldownUntil: now + cooldownMs,
      failure: {
        code,
        service,
        name: service,
        phase: 'starting',
        message: 'it ended',
        attempt: 3,
        attempts: 3,
        retryable: failureCodes[code].retryable,
        traceId: '0'.repeat(32),
        ...rest,
      },
      timings: { ...before.timings, endedAt: now },
    }));
  }

  /** A ready plan whose agent is `Service` with these options. */
  async readyPlan(options: Partial<ServiceOptions> = {}): Promise<{ service: Service; record: LedgerRecord }> {
    await this.ready('store');
    const instance = await this.instance('agent');
    const generation = Date.now() * 1000;
    const service = await this.service({ is: { instance, generation }, ...options });
    await this.commit('agent', 'wanted', () => ({ state: 'starting', generation }));
    return { service, record: await this.ready('agent', service.endpoint) };
  }

  /** Resolves when the wake-ups or the log meet the condition. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#news.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}

declare module 'vitest' {
  interface ProvidedContext {
    redisUrl: string;
  }
}
