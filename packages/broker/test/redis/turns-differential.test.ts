import type { ScopeKey, StartJob, Urgency } from '@reveille/contracts';
import type { AdmissionLimits } from '@reveille/orchestration';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Keys } from '../../src/key/keys.ts';
import { parseRedisUrl } from '../../src/redis/address.ts';
import { Link } from '../../src/redis/link.ts';
import { silentLogger } from '../../src/logger.ts';
import { MemoryClock } from '../../src/memory/memory-clock.ts';
import { MemoryProcess } from '../../src/memory/memory-process.ts';
import { MemoryStore } from '../../src/memory/memory-store.ts';
import { MemoryTurns } from '../../src/memory/memory-turns.ts';
import { promptly } from '../../src/memory/transport.ts';
import { RedisTurns } from '../../src/turn/redis-turns.ts';
import type { Turns } from '../../src/turn/turns.ts';
import { instanceOf, startJobOf } from '../conformance/samples.ts';
import { elapse } from './elapse.ts';
import { redisUrl } from './provided-url.ts';
import { redisBench } from './redis-bench.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(instanceOf);
const start = fc.record({
  instance: fc.constantFrom(...names),
  generation: fc.constantFrom(1, 2),
  attempt: fc.constantFrom(1, 2),
  urgency: fc.constantFrom<Urgency>('waiting', 'waiting', 'warming', 'resumed'),
});
const owner = fc.constantFrom('i1', 'i2');
const seconds = fc.integer({ min: 1, max: 5 }).map((count) => count * 1000);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('enter' as const), start }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('next' as const),
      owner,
      ttlMs: seconds,
      offer: fc.option(start, { nil: undefined }),
      done: fc.option(fc.nat(20), { nil: undefined }),
    }),
  },
  fc.record({ do: fc.constant('release' as const), owner, which: fc.nat(20) }),
  fc.record({ do: fc.constant('renew' as const), owner, which: fc.nat(20), ttlMs: seconds }),
  fc.record({
    do: fc.constant('withdraw' as const),
    instance: fc.constantFrom(...names),
    generation: fc.constantFrom(1, 2),
  }),
  fc.record({ do: fc.constant('elapse' as const), ms: seconds }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
type Start = typeof start extends fc.Arbitrary<infer S> ? S : never;

/** An instance is always in the same lane: three lanes for eight instances. */
const jobOf = (of: Start): StartJob => {
  const lane = 'xyz'.charAt(names.indexOf(of.instance) % 3).repeat(26) as ScopeKey;
  return { ...startJobOf(of.instance), ...of, lane };
};

class Side {
  readonly #turns: Turns;
  readonly #limits: AdmissionLimits;
  readonly #elapse: (ms: number) => Promise<void>;
  readonly #admitted: StartJob[] = [];

  constructor(turns: Turns, limits: AdmissionLimits, elapsing: (ms: number) => Promise<void>) {
    this.#turns = turns;
    this.#limits = limits;
    this.#elapse = elapsing;
  }

  async take(one: Step): Promise<unknown> {
    const limits = this.#limits;
    const held = (which: number) => this.#admitted[which % Math.max(1, this.#admitted.length)];
    switch (one.do) {
      case 'enter':
        return this.#turns.enter(jobOf(one.start), limits);
      case 'next': {
        const done = one.done === undefined ? undefined : held(one.done);
        const offer = one.offer && jobOf(one.offer);
        const job = await this.#turns.next({ owner: one.owner, ttlMs: one.ttlMs, limits, offer, done });
        if (job) this.#admitted.push(job);
        return job && { instance: job.instance, generation: job.generation, attempt: job.attempt };
      }
      case 'release': {
        const job = held(one.which);
        return job && this.#turns.release(job, { owner: one.owner, limits });
      }
      case 'renew': {
        const job = held(one.which);
        return job && this.#turns.renew([job], one);
      }
      case 'withdraw':
        return this.#turns.withdraw(one.instance, one.generation, limits);
      case 'elapse':
        return this.#elapse(one.ms);
    }
  }

  positions(): Promise<unknown> {
    return this.#turns.positions(names);
  }
}

test('the line on Redis is the admission of orchestration, whatever is done to it', async () => {
  await using bench = await redisBench({ url: redisUrl });
  await using link = new Link(parseRedisUrl(redisUrl), silentLogger);
  await link.connected();
  const limitsOf = fc.record({
    pool: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
    perTenant: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(limitsOf, fc.array(step, { minLength: 5, maxLength: 40 }), async (limits, steps) => {
      const namespace = `${bench.namespace}-${++run}`;
      const real = new Side(new RedisTurns(link, new Keys(namespace, 8)), limits, (ms) =>
        elapse(bench.redis, namespace, ms),
      );
      const clock = new MemoryClock();
      const store = new MemoryStore(clock, promptly, 8);
      const twin = new Side(new MemoryTurns(store, new MemoryProcess(clock)), limits, async (ms) => clock.advance(ms));
      store.line.limits = limits;
      const began = performance.now();
      for (const [index, one] of steps.entries()) {
        const [found, expected] = [await real.take(one), await twin.take(one)];
        // A run that was held up for most of a second proves nothing either way.
        fc.pre(performance.now() - began < 900);
        expect(found, `step ${index}`).toEqual(expected);
        expect(await real.positions(), `after step ${index}`).toEqual(await twin.positions());
      }
    }),
    { numRuns: 150 },
  );
  const left = await bench.redis.keys(`{${bench.namespace}-*`);
  if (left.length > 0) await bench.redis.unlink(...left);
});
