import type { InstanceKey } from '@reveille/contracts';
import type { Reading } from '@reveille/orchestration';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Bench } from '../conformance/bench.ts';
import { dueAll, listAll } from '../conformance/ledger.ts';
import { commitOn, instanceOf, originOf } from '../conformance/samples.ts';
import { memoryBench } from '../memory/memory-bench.ts';
import { redisUrl } from './provided-url.ts';
import { redisBench } from './redis-bench.ts';

const instances = ['a', 'b', 'c'].map(instanceOf);
const instance = fc.constantFrom(...instances);
const edge = fc.constantFrom('e1', 'e2');
const owner = fc.constantFrom('i1', 'i2');
const epoch = fc.constantFrom(1, 2);
/** Whole seconds, like every step of the clock: real time that passes on Redis meanwhile never crosses a border. */
const seconds = fc.integer({ min: 1, max: 5 }).map((count) => count * 1000);

const step = fc.oneof(
  fc.record({ do: fc.constant('want' as const), edge, instance, ttlMs: seconds, announces: fc.boolean() }),
  fc.record({ do: fc.constant('unwant' as const), edge, instance }),
  fc.record({
    do: fc.constant('commit' as const),
    instance,
    on: fc.constantFrom('last', 'last', 'last', 'older' as const),
    epoch,
    lease: fc.oneof(fc.constant(undefined), fc.constant('release' as const), fc.record({ owner, ttlMs: seconds })),
    attendInMs: fc.option(fc.oneof(fc.constant(0), seconds), { nil: undefined }),
    forgetInMs: fc.option(seconds, { nil: undefined, freq: 8 }),
  }),
  fc.record({ do: fc.constant('renew' as const), instance, owner, epoch, ttlMs: seconds }),
  fc.record({ do: fc.constant('takeWatch' as const), instance, owner, epoch, ttlMs: seconds }),
  fc.record({ do: fc.constant('due' as const) }),
  fc.record({ do: fc.constant('list' as const) }),
  fc.record({ do: fc.constant('elapse' as const), ms: seconds }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** One of the two, and the readings that its commits are made on. */
class Side {
  readonly bench: Bench;
  readonly #readings = new Map<InstanceKey, Reading[]>();

  constructor(bench: Bench) {
    this.bench = bench;
  }

  /** What an onlooker can tell of a step: no token, no clock. */
  async take(step: Step): Promise<unknown> {
    const { ledger } = this.bench.broker;
    switch (step.do) {
      case 'want':
        return this.#note(
          await ledger.want(step.edge, [step.instance], step.ttlMs, step.announces ? originOf(step.edge) : undefined),
        );
      case 'unwant':
        return await ledger.unwant(step.edge, [step.instance]);
      case 'commit':
        return await this.#commit(step);
      case 'renew':
        return await ledger.renew(step.instance, step);
      case 'takeWatch':
        return await ledger.takeWatch(step.instance, step);
      case 'due':
        return await dueAll(this.bench.broker);
      case 'list':
        return (await listAll(this.bench.broker)).sort();
      case 'elapse':
        return await this.bench.elapse(step.ms);
    }
  }

  async look(): Promise<unknown> {
    return this.#note(await this.bench.broker.ledger.read(instances));
  }

  async #commit(step: Step & { do: 'commit' }): Promise<unknown> {
    const readings = this.#readings.get(step.instance) ?? (await this.bench.broker.ledger.read([step.instance]));
    const reading = step.on === 'last' ? readings.at(-1) : readings[0];
    if (reading === undefined) throw new Error('no reading');
    const { lease, attendInMs, forgetInMs } = step;
    const commit = commitOn(reading, {
      ...(lease === undefined ? {} : { lease }),
      ...(attendInMs === undefined ? {} : { attendInMs }),
      ...(forgetInMs === undefined ? {} : { forgetInMs }),
      record: { epoch: step.epoch },
    });
    return (await this.bench.broker.ledger.commit(commit)).committed;
  }

  #note(readings: readonly Reading[]): unknown {
    return readings.map((reading) => {
      const earlier = this.#readings.get(reading.instance) ?? [];
      this.#readings.set(reading.instance, [...earlier, reading]);
      return {
        stored: reading.token > 0,
        moved: reading.token !== (earlier.at(-1)?.token ?? 0),
        epoch: reading.record?.epoch,
        interest: reading.interest.map(({ edge, until }) => [edge, secondsLeft(until, reading)]).sort(),
        announced: reading.announced?.origin.initialization,
        lease: reading.lease && [reading.lease.owner, secondsLeft(reading.lease.until, reading)],
      };
    });
  }
}

function secondsLeft(until: number, { now }: Reading): number {
  return Math.ceil((until - now) / 1000);
}

test('Redis and the twin tell the same story of any sequence of calls', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      await using redis = await redisBench({ url: redisUrl });
      await using memory = await memoryBench();
      const [real, twin] = [new Side(redis), new Side(memory)];
      const started = performance.now();
      for (const step of steps) {
        const results = [await real.take(step), await real.look()];
        const expected = [await twin.take(step), await twin.look()];
        // A run that was held up for most of a second proves nothing either way.
        fc.pre(performance.now() - started < 900);
        expect(results).toEqual(expected);
      }
    }),
    { numRuns: 60 },
  );
});
