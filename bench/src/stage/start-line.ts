import { setTimeout as pause } from 'node:timers/promises';
import { connectBroker } from '@reveille/broker';
import type { LocalRedis } from '@reveille/broker/server';
import { type InstanceKey, instanceKeyOf, scopeKeysOf, type ServiceName } from '@reveille/contracts';
import type { Broker } from '@reveille/orchestration';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { Program } from './deployable.ts';

/** Starts, and jobs of the reference, under way at once in the one process that makes them. */
const concurrency = 100;
/** Calls of the harness under way at once. */
const callsAtOnce = 64;
/** Few looks, and at what was wanted last, so that what they cost the ledger is no part of the figure: when it was over, the journals say. */
const lookEveryMs = 25;
const looksAtOnce = 10;
const service = 'answer' as ServiceName;
const catalog = JSON.stringify({
  version: 1,
  services: {
    [service]: {
      ...{ scope: 'user', start: { docker: { image: 'none' } }, ready: { log: { pattern: 'ready' } } },
      ...{ live: { tcp: {}, everyMs: 3_600_000 }, idle: { stopAfterMs: 1 } },
    },
  },
  entrypoints: {},
});

/** One Redis with initializers whose driver does nothing, and a worker of raw BullMQ, each a process of its own. */
export class StartLine implements AsyncDisposable {
  readonly #parts: AsyncDisposableStack;
  readonly #broker: Broker;
  readonly #queue: Queue;
  readonly #redis: Redis;
  #count = 0;

  private constructor(of: { broker: Broker; queue: Queue; redis: Redis; parts: AsyncDisposableStack }) {
    [this.#broker, this.#queue, this.#redis, this.#parts] = [of.broker, of.queue, of.redis, of.parts];
  }

  /**
   * @param telemetry variables of OpenTelemetry for the initializer
   * @param hands how many initializers, how many starts each of them makes at once, and how long each start waits (ms)
   */
  static async open(
    { url, port }: LocalRedis,
    telemetry: Record<string, string> = {},
    hands: { count: number; concurrency: number; waitMs: number } = { count: 1, concurrency, waitMs: 0 },
  ): Promise<StartLine> {
    await using parts = new AsyncDisposableStack();
    const common = { BENCH_CONCURRENCY: String(hands.concurrency), BENCH_WAIT_MS: String(hands.waitMs) };
    const program = async (script: string, env: Record<string, string>): Promise<void> => {
      const running = Promise.withResolvers<void>();
      const one = new Program({
        name: script,
        args: [new URL(script, import.meta.url).pathname],
        env: { ...common, ...env },
        onLine: () => running.resolve(),
      });
      parts.use(one);
      await Promise.race([running.promise, one.died()]);
    };
    for (let one = 0; one < hands.count; one += 1)
      await program('../service/idle-hands.ts', { ...telemetry, REDIS_URL: url, BENCH_CATALOG: catalog });
    await program('../service/bullmq-worker.ts', { REDIS_PORT: String(port) });
    const broker = parts.use(await connectBroker({ url, namespace: 'bench', owner: 'bench' }));
    const queue = new Queue('reference', { connection: { host: '127.0.0.1', port } });
    parts.defer(() => queue.close());
    const redis = new Redis(port, '127.0.0.1');
    parts.defer(() => redis.disconnect());
    return new StartLine({ broker, queue, redis, parts: parts.move() });
  }

  /** From the first user who wants an instance of their own until all instances are ready. They are stopped again. */
  async start(many: number): Promise<{ rate: number; commitsEach: number }> {
    const users = Array.from({ length: many }, () => `user-${(this.#count += 1)}`);
    const wanted = await Promise.all(
      users.map(async (user) => ({ user, instance: instanceKeyOf(service, (await scopeKeysOf({ user })).user) })),
    );
    const { ledger, wakeUps } = this.#broker;
    const before = await this.#journals();
    const began = Date.now();
    await inTurns(wanted, async ({ user, instance }) => {
      await ledger.want('e1', [instance], 600_000);
      const job = { version: 1, kind: 'reconcile', reason: 'wanted', instance, service } as const;
      await wakeUps.reconcile([{ ...job, scope: { kind: 'user', user } }]);
    });
    const instances = wanted.map(({ instance }) => instance);
    await this.#all(instances, 'ready');
    const { commits, lastAt } = await this.#journals();
    const rate = (many / (lastAt - began)) * 1000;
    const commitsEach = (commits - before.commits) / many;
    // What is ready is watched: the next round is not to pay for this one.
    await ledger.unwant('e1', instances);
    await this.#all(instances, 'cold');
    return { rate, commitsEach };
  }

  async jobsPerSecond(many: number): Promise<number> {
    const began = performance.now();
    await inTurns(Array.from({ length: many }), () => this.#queue.add('nothing', {}, { removeOnComplete: true }));
    while ((await this.#queue.getJobCountByTypes('wait', 'active', 'prioritized', 'delayed')) > 0) await pause(1);
    return (many / (performance.now() - began)) * 1000;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }

  /** Over the partitions: all commits that were ever made, and when the last one was (epoch milliseconds, by the clock of this machine). */
  async #journals(): Promise<{ commits: number; lastAt: number }> {
    const journals = await this.#redis.keys('{bench:p*}:journal');
    const about = await Promise.all(
      journals.map(async (journal) => (await this.#redis.xinfo('STREAM', journal)) as unknown[]),
    );
    const commits = about.map((fields) => {
      const at = fields.indexOf('entries-added');
      // Before Redis 7 a stream does not say how many it ever had; here none is trimmed yet.
      return Number(at === -1 ? fields[fields.indexOf('length') + 1] : fields[at + 1]);
    });
    const last = about.map((fields) => Number.parseInt(String(fields[fields.indexOf('last-generated-id') + 1]), 10));
    return { commits: commits.reduce((sum, one) => sum + one, 0), lastAt: Math.max(0, ...last) };
  }

  async #all(instances: readonly InstanceKey[], state: 'ready' | 'cold'): Promise<void> {
    let left = instances.toReversed();
    while (left.length > 0) {
      const some = left.slice(0, looksAtOnce);
      const readings = await this.#broker.ledger.read(some);
      const failed = readings.find(({ record }) => record?.state === 'failed');
      if (failed !== undefined) throw new Error(`a start failed: ${JSON.stringify(failed.record?.failure)}`);
      const open = readings.flatMap(({ record, instance }) => ((record?.state ?? 'cold') === state ? [] : [instance]));
      left = [...open, ...left.slice(looksAtOnce)];
      if (open.length > 0) await pause(lookEveryMs);
    }
  }
}

/** Calls for each, so many at once. */
async function inTurns<T>(all: readonly T[], call: (one: T) => Promise<unknown>): Promise<void> {
  const left = all.values();
  const work = async (): Promise<void> => {
    for (const one of left) await call(one);
  };
  await Promise.all(Array.from({ length: callsAtOnce }, work));
}
