import { Redis } from 'ioredis';
import { connectBroker } from '@reveille/broker';
import { launchRedis } from '@reveille/broker/server';
import {
  globalScopeKey,
  instanceKeyOf,
  type InstanceKey,
  type LedgerRecord,
  type ServiceName,
} from '@reveille/contracts';
import { type Broker, mint, type StampedEntry } from '@reveille/orchestration';
import type { Figure } from '../measure/figure.ts';
import { interleaved, timed } from '../measure/rounds.ts';
import { scaled, spreadOf } from '../measure/samples.ts';

const plan = ['llm', 'data', 'tools', 'agent'].map((name) => instanceKeyOf(name as ServiceName, globalScopeKey));
const agent = plan[3] as InstanceKey;
const service = 'agent' as ServiceName;

/** The calls of the broker that lie on a user's path, one at a time, each in units of a Redis round trip. */
export const calls: Figure = {
  name: 'calls',
  about: 'single calls of the broker, beside a Redis round trip',
  async measure({ quick, signal }) {
    await using server = await launchRedis();
    await using broker = await connectBroker({ url: server.url });
    const redis = new Redis(server.port, '127.0.0.1');
    try {
      await using steps = await Steps.open(broker);
      const measured = await interleaved(
        { rounds: quick ? 200 : 1500, warmUp: 100, signal },
        {
          ping: () => timed(() => redis.ping()),
          'ledger.want, 4 instances, renewed': () => timed(() => broker.ledger.want('e1', plan, 10_000)),
          'ledger.read, 4 instances': () => timed(() => broker.ledger.read(plan)),
          'ledger.commit': () => timed(() => steps.commit()),
          'reconcile job → handler': () => timed(() => steps.reconcile()),
          'start job → handler': () => timed(() => steps.start()),
          'commit → journal → relay → edge': () => timed(() => steps.hear()),
        },
      );
      const { ping, ...rest } = measured;
      const reference = { what: 'Redis round trip', value: scaled(spreadOf(ping), 1000), unit: 'µs' } as const;
      const rows = Object.entries(rest).map(([what, samples]) => {
        const ours = scaled(spreadOf(samples), 1000);
        return {
          figure: 'calls',
          what,
          ours,
          unit: 'µs',
          reference,
          ratio: ours.median / reference.value.median,
        } as const;
      });
      return { rows };
    } finally {
      redis.disconnect();
    }
  },
};

/** What needs somebody at the other end. */
class Steps implements AsyncDisposable {
  readonly #broker: Broker;
  readonly #parts = new AsyncDisposableStack();
  #token = 0;
  #generation = 1;
  #handled = Promise.withResolvers<void>();
  #heard = Promise.withResolvers<void>();

  private constructor(broker: Broker) {
    this.#broker = broker;
  }

  static async open(broker: Broker): Promise<Steps> {
    const steps = new Steps(broker);
    try {
      await steps.#listen();
      return steps;
    } catch (error) {
      await steps[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A commit and nothing else. */
  async commit(): Promise<void> {
    const revision = mint(this.#token, Date.now() * 1000);
    const record = recordOf(revision);
    const result = await this.#broker.ledger.commit({ expected: this.#token, change: 'progress', record });
    if (!result.committed) throw new Error('a commit conflicted');
    this.#token = result.token;
  }

  async reconcile(): Promise<void> {
    this.#handled = Promise.withResolvers();
    const job = { version: 1, kind: 'reconcile', instance: agent, service, scope: { kind: 'global' } } as const;
    await this.#broker.wakeUps.reconcile([{ ...job, reason: 'wanted' }]);
    await this.#handled.promise;
  }

  async start(): Promise<void> {
    this.#handled = Promise.withResolvers();
    const generation = (this.#generation += 1);
    const turn = { lane: globalScopeKey, urgency: 'waiting' } as const;
    await this.#broker.wakeUps.start({ version: 1, kind: 'start', instance: agent, generation, attempt: 1, ...turn });
    await this.#handled.promise;
  }

  async hear(): Promise<void> {
    this.#heard = Promise.withResolvers();
    await this.commit();
    await this.#heard.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }

  async #listen(): Promise<void> {
    const { wakeUps, router, journal, ledger } = this.#broker;
    const handle = async (): Promise<void> => this.#handled.resolve();
    const consumption = { reconcileConcurrency: 10, startConcurrency: 10 };
    this.#parts.use(await wakeUps.consume({ reconcile: handle, start: handle }, consumption));
    const listener = { onEntry: () => this.#heard.resolve(), onGap: () => undefined };
    this.#parts.use(await router.subscribe('e1', listener));
    const publish = (entries: readonly StampedEntry[]): Promise<void> =>
      router.publish(
        'e1',
        entries.map(({ entry }) => entry),
      );
    this.#parts.use(await journal.consume('r1', publish));
    const [reading] = await ledger.want('e1', [agent], 600_000);
    this.#token = reading?.token ?? 0;
  }
}

function recordOf(revision: number): LedgerRecord {
  return {
    ...{ version: 1, instance: agent, service, scope: { kind: 'global' }, scopeKey: globalScopeKey },
    ...{ catalog: 'digest', revision, state: 'starting', generation: 1, attempt: 1, epoch: 1 },
    ...{ dependencies: [], dependents: [], timings: {} },
  };
}
