import { randomBytes } from 'node:crypto';
import { connectBroker } from '@reveille/broker';
import {
  type Failure,
  globalScopeKey,
  type InstanceKey,
  instanceKeyOf,
  type JournalEntry,
  type ServiceName,
} from '@reveille/contracts';
import { Health } from '@reveille/lifecycle';
import { type Broker, type Command, type FailurePolicy, transition } from '@reveille/orchestration';
import { createLogger, createMetrics, type Metrics } from '@reveille/telemetry';
import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { relayConfig, startRelay } from '../src/index.ts';

export function instanceOf(service: string): InstanceKey {
  return instanceKeyOf(service as ServiceName, globalScopeKey);
}

const policy: FailurePolicy = {
  retry: { attempts: 1, backoffMs: 1, maxBackoffMs: 1 },
  ...{ cooldownMs: 60_000, random: 0 },
};

function failureOf(service: string): Failure {
  return {
    ...{ code: 'exited_early', service: service as ServiceName, name: service, phase: 'probing', message: 'It ended.' },
    ...{ attempt: 1, attempts: 1, retryable: true, traceId: 'a'.repeat(32), logTail: ['what a user said'] },
  };
}

/** What an edge has heard. */
export class Ear {
  readonly heard: JournalEntry[] = [];
  readonly gaps: string[] = [];
  readonly #looks = new Set<() => void>();

  take(entry: JournalEntry): void {
    this.heard.push(entry);
    for (const look of [...this.#looks]) look();
  }

  async until(fits: (entry: JournalEntry) => boolean): Promise<void> {
    const met = Promise.withResolvers<void>();
    const look = () => this.heard.some(fits) && met.resolve();
    this.#looks.add(look);
    look();
    await met.promise;
    this.#looks.delete(look);
  }
}

/** One namespace of a real Redis: relays, edges that listen, and a hand that changes the ledger. */
export class RelayWorld implements AsyncDisposable {
  readonly url = inject('redisUrl');
  readonly namespace = `t${randomBytes(6).toString('hex')}`;
  readonly #disposables = new AsyncDisposableStack();
  #broker: Broker | undefined;

  static async create(): Promise<RelayWorld> {
    const world = new RelayWorld();
    world.#broker = world.#disposables.use(await connectBroker({ url: world.url, namespace: world.namespace }));
    return world;
  }

  get broker(): Broker {
    if (this.#broker === undefined) throw new Error('not created');
    return this.#broker;
  }

  async relay(env: Record<string, string> = {}): Promise<{ metrics: Metrics; adminUrl: string | undefined }> {
    const metrics = createMetrics({ processMetrics: false });
    const config = relayConfig({ REDIS_URL: this.url, REVEILLE_NAMESPACE: this.namespace, ...env });
    const logger = createLogger({ name: 'relay', level: 'silent' });
    const relay = this.#disposables.use(await startRelay({ config, logger, metrics, health: new Health() }));
    return { metrics, adminUrl: relay.adminUrl };
  }

  async edge(name: string): Promise<Ear> {
    const ear = new Ear();
    const listener = {
      onEntry: (entry: JournalEntry) => ear.take(entry),
      onGap: (reason: string) => void ear.gaps.push(reason),
    };
    this.#disposables.use(await this.broker.router.subscribe(name, listener));
    return ear;
  }

  async want(edge: string, ...services: string[]): Promise<void> {
    await this.broker.ledger.want(edge, services.map(instanceOf), 60_000);
  }

  async commit(service: string, command: (instance: InstanceKey) => Command): Promise<void> {
    const instance = instanceOf(service);
    const [reading] = await this.broker.ledger.read([instance]);
    if (reading === undefined) throw new Error('no reading');
    const commit = transition(reading, command(instance));
    if ('refused' in commit) throw new Error(commit.refused);
    const { committed } = await this.broker.ledger.commit(commit);
    if (!committed) throw new Error('conflict');
  }

  /** Empties the journals, as their bound does while no relay runs. */
  async trim(): Promise<void> {
    const redis = new Redis(this.url);
    const journals = await redis.keys(`{${this.namespace}:p*}:journal`);
    for (const journal of journals) await redis.xtrim(journal, 'MAXLEN', 0);
    await redis.quit();
  }

  /** A new generation of the service begins. */
  async begin(service: string): Promise<void> {
    await this.commit(service, (instance) => ({
      kind: 'want',
      origin: { initialization: 'i1', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
      identity: {
        instance,
        service: service as ServiceName,
        scope: { kind: 'global' },
        scopeKey: globalScopeKey,
        dependencies: [],
        catalog: 'd',
      },
    }));
  }

  async queue(service: string): Promise<void> {
    await this.commit(service, () => ({ kind: 'queue', dependencyGenerations: {} }));
  }

  /** The next claim of a queued start, under its epoch. */
  async claim(service: string): Promise<number> {
    const name = `${service}-run`;
    await this.commit(service, () => ({ kind: 'claim', owner: 'hands', host: undefined, name, attempts: 1 }));
    const [reading] = await this.broker.ledger.read([instanceOf(service)]);
    return reading?.record?.epoch ?? 0;
  }

  /** A whole start as an initializer writes it down. */
  async start(service: string, end: 'ready' | 'failed'): Promise<void> {
    await this.begin(service);
    await this.queue(service);
    const epoch = await this.claim(service);
    const endpoint = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 };
    await this.commit(service, () =>
      end === 'ready'
        ? { kind: 'ready', epoch, owner: 'hands', endpoint, publicKey: 'k' }
        : { kind: 'attempt_failed', epoch, failure: failureOf(service), policy },
    );
  }

  /** The end of what runs, as an initializer writes it down. */
  async end(service: string): Promise<void> {
    await this.commit(service, () => ({ kind: 'stop', owner: 'hands', reason: 'requested' }));
    const [reading] = await this.broker.ledger.read([instanceOf(service)]);
    const epoch = reading?.record?.epoch ?? 0;
    await this.commit(service, () => ({ kind: 'stopped', epoch, policy }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposables.disposeAsync();
  }
}
