import { setTimeout as pause } from 'node:timers/promises';
import { connectBroker } from '@reveille/broker';
import { RedisCluster, RedisSentinels } from '@reveille/broker/shapes';
import type { Broker, StampedEntry } from '@reveille/orchestration';
import { describe, expect, test, vi } from 'vitest';
import { Inbox } from '../conformance/inbox.ts';
import { readOne, wantOne } from '../conformance/ledger.ts';
import { commitOn, entryOf, instanceOf, reconcileJobOf } from '../conformance/samples.ts';
import { partitionOf } from '../../src/key/partition.ts';
import { LedgerLoad } from './ledger-load.ts';
import { isWholeRun } from './on-demand.ts';

const plan = Array.from({ length: 12 }, (_, n) => instanceOf(`service-${n}`));
const held = instanceOf('held');
/** Shorter than every outage here. */
const lease = { owner: 'i1', ttlMs: 1500 };
/** Far above what a failover takes here (2 to 6 s); far below a process that waits for somebody to restart it. */
const boundMs = 30_000;
const patiently = { interval: 50, timeout: boundMs };

/** A whole deployment's use of one Redis, before, during and after what happens to it. */
class Deployment implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;
  readonly broker: Broker;
  readonly other: Broker;
  readonly load: LedgerLoad;
  readonly jobs = new Inbox<string>();
  readonly entries = new Inbox<StampedEntry>();
  readonly routed = new Inbox<number>();

  private constructor(broker: Broker, other: Broker, stack: AsyncDisposableStack) {
    this.broker = broker;
    this.other = other;
    this.load = stack.use(new LedgerLoad(broker, plan));
    this.#stack = stack;
  }

  static async start(url: string): Promise<Deployment> {
    await using stack = new AsyncDisposableStack();
    const connect = async (): Promise<Broker> => stack.use(await connectBroker({ url, namespace: 'failover' }));
    const [broker, other] = [await connect(), await connect()];
    const deployment = new Deployment(broker, other, stack.move());
    await deployment.#consume();
    await deployment.load.goesOn();
    return deployment;
  }

  /** Holds a lease and an interest, lets something happen to Redis, and finds both held when it answers again. */
  async keepsWhatIsHeld(happens: () => Promise<void>): Promise<void> {
    const before = await wantOne(this.broker, 'e1', held, lease.ttlMs);
    await this.broker.ledger.commit(commitOn(before, { lease, record: { epoch: 5 } }));
    await happens();
    await vi.waitFor(() => expect(this.other.unavailable()).toBeDefined(), patiently);
    const after = await vi.waitFor(() => readOne(this.other, held), patiently);
    expect(after.now - before.now).toBeGreaterThan(lease.ttlMs);
    expect(after.interest.map(({ edge }) => edge)).toEqual(['e1']);
    expect(after.lease?.owner).toBe('i1');
    expect(await this.other.ledger.takeWatch(held, { owner: 'i2', epoch: 5, ttlMs: 1000 })).toEqual({ held: false });
    const renewed = await vi.waitFor(() => this.other.ledger.renew(held, { ...lease, epoch: 5 }), patiently);
    expect(renewed).toEqual({ held: true });
  }

  /** Everything works again, in the same processes. */
  async goesOn(): Promise<void> {
    await this.load.goesOn();
    const job = instanceOf(`after-${this.jobs.all.length}`);
    // What the old primary still took after another one was made is lost, jobs and entries alike: who needs them puts them again.
    await again(
      () => this.other.wakeUps.reconcile([reconcileJobOf(job)]),
      this.jobs.until((all) => all.includes(job)),
    );
    await this.entries.until((all) => all.some(({ entry }) => entry.record.generation > this.#lastNumber()));
    const revision = Date.now();
    await again(
      () => this.other.router.publish('e1', [entryOf(held, revision)]),
      this.routed.until((all) => all.includes(revision)),
    );
    await vi.waitFor(
      () => expect([this.broker, this.other].map((one) => one.unavailable())).toEqual([undefined, undefined]),
      patiently,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #lastNumber(): number {
    return Math.min(...[...this.load.acknowledged.values()].map((made) => made.at(-1)?.number ?? 0)) - 1;
  }

  async #consume(): Promise<void> {
    const { broker, other } = this;
    const handlers = {
      reconcile: async (job: { instance: string }) => this.jobs.put(job.instance),
      start: async () => undefined,
    };
    this.#stack.use(await broker.wakeUps.consume(handlers, { reconcileConcurrency: 4, startConcurrency: 4 }));
    this.#stack.use(await other.journal.consume('r1', async (batch) => batch.forEach(this.entries.put)));
    const listener = {
      onEntry: ({ record }: { record: { revision: number } }) => this.routed.put(record.revision),
      onGap: () => undefined,
    };
    this.#stack.use(await broker.router.subscribe('e1', listener));
  }
}

/** Does something each half second until it has had its effect. */
async function again(act: () => Promise<unknown>, effect: Promise<unknown>): Promise<void> {
  const attempt = (): unknown => act().catch(() => undefined);
  attempt();
  const acting = setInterval(attempt, 500);
  await effect.finally(() => clearInterval(acting));
}

describe('Sentinel', () => {
  test('a planned failover under load: nothing acknowledged is lost, and everybody goes on', async () => {
    // With one replica alone the new primary refuses writes until the old one is back (min-replicas-to-write).
    await using sentinels = await RedisSentinels.launch({ replicas: 2 });
    await using deployment = await Deployment.start(sentinels.url);
    await sentinels.failOver();
    await deployment.goesOn();
    const { load } = deployment;
    const found = await load.settle();
    expect({ ...found, acknowledged: 0 }).toEqual({ acknowledged: 0, lost: 0, invented: [], fell: [] });
    expect([load.unexpected, load.longestGapMs < boundMs]).toEqual([[], true]);
  });

  test.runIf(isWholeRun)(
    'its primary killed under load: everybody goes on with the replica, and leases and interest have their grace',
    async () => {
      await using sentinels = await RedisSentinels.launch({ replicas: 2 });
      await using deployment = await Deployment.start(sentinels.url);
      await deployment.keepsWhatIsHeld(() => sentinels.killPrimary());
      await deployment.goesOn();
      const { load } = deployment;
      const found = await load.settle();
      // What was acknowledged in the last moment may be lost; it is not contradicted.
      expect([found.invented, found.fell, load.unexpected, load.longestGapMs < boundMs]).toEqual([[], [], [], true]);
    },
  );
});

describe('Cluster', () => {
  test('a primary killed under load: its part goes on with the replica, the others never stopped, and leases and interest have their grace', async () => {
    await using cluster = await RedisCluster.launch({ replicas: 1 });
    await using deployment = await Deployment.start(cluster.url);
    const victim = await cluster.primaryOf(`{failover:p${partitionOf(held, 8)}}`);
    await deployment.keepsWhatIsHeld(() => cluster.kill(victim));
    await deployment.goesOn();
    const { load } = deployment;
    const found = await load.settle();
    expect([found.invented, found.fell, load.unexpected, load.longestGapMs < boundMs]).toEqual([[], [], [], true]);
  });

  test.runIf(isWholeRun)(
    'every slot that we use moved to another primary under load: nothing is lost, and nobody notices',
    async () => {
      await using cluster = await RedisCluster.launch();
      await using deployment = await Deployment.start(cluster.url);
      for (const tag of ['{failover}', ...Array.from({ length: 8 }, (_, n) => `{failover:p${n}}`)]) {
        const from = await cluster.primaryOf(tag);
        await cluster.migrate(tag, cluster.nodes[(cluster.nodes.indexOf(from) + 1) % cluster.nodes.length] as never);
        await pause(100);
      }
      await deployment.goesOn();
      const { load } = deployment;
      const found = await load.settle();
      expect({ ...found, acknowledged: 0 }).toEqual({ acknowledged: 0, lost: 0, invented: [], fell: [] });
      expect([load.unexpected, load.longestGapMs < boundMs]).toEqual([[], true]);
    },
  );
});
