import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { connectBroker } from '@reveille/broker';
import { createMemoryBroker, type MemoryBroker } from '@reveille/broker/memory';
import type { CatalogInput, LedgerRecord } from '@reveille/contracts';
import type { Broker } from '@reveille/orchestration';
import { createLogger, type Logger } from '@reveille/telemetry';
import { inject } from 'vitest';
import { defaultTimings, type Edge, type EdgeConfig, type EdgeTimings, startEdge } from '../../src/index.ts';
import { Client } from './client.ts';
import { LedgerHand } from './ledger-hand.ts';
import { Service, type ServiceOptions } from './service.ts';

export type WorldOptions = {
  /** The clock of a ledger in memory. */
  now?: () => number;
  catalog: CatalogInput;
  /** Default `redis`. `memory` where a test needs to hold the broker in its hand. */
  on?: 'redis' | 'memory';
  timings?: Partial<EdgeTimings>;
  config?: Partial<EdgeConfig>;
};

/** A deployment on loopback whose initializers and relay are the test itself. */
export class World extends LedgerHand implements AsyncDisposable {
  readonly memory: MemoryBroker | undefined;
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
    super(of.broker, of.options.catalog);
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
    const memory = options.on === 'memory' ? createMemoryBroker({ now: options.now ?? Date.now }) : undefined;
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
