import type { InstanceKey, ScopeKey, StartJob, Urgency } from '@reveille/contracts';
import { type AdmissionLimits, type Broker, timing } from '@reveille/orchestration';
import { expect, test } from 'vitest';
import type { MakeBench } from './bench.ts';
import { Inbox } from './inbox.ts';
import { instanceOf, startJobOf } from './samples.ts';

/** The start of an instance whose name begins with its lane. */
export function turnOf(name: string, more: Partial<StartJob> = {}): StartJob {
  const lane = name.charAt(0).repeat(26) as ScopeKey;
  return { ...startJobOf(instanceOf(name)), lane, ...more };
}

/** Makes starts one at a time, each until it is told to end, and notes their order. */
class Places implements AsyncDisposable {
  readonly started: Inbox<string>;
  readonly #ends = new Map<string, () => void>();
  #consumption: AsyncDisposable | undefined;

  private constructor(started: Inbox<string>) {
    this.started = started;
  }

  static async on(
    broker: Broker,
    startConcurrency: number,
    limits: AdmissionLimits = {},
    started: Inbox<string> = new Inbox(),
  ): Promise<Places> {
    const places = new Places(started);
    const reconcile = async () => undefined;
    const start = async ({ instance }: StartJob, signal: AbortSignal): Promise<void> => {
      const ended = Promise.withResolvers<void>();
      places.#ends.set(nameOf(instance), ended.resolve);
      signal.addEventListener('abort', () => ended.resolve(), { once: true });
      places.started.put(nameOf(instance));
      await ended.promise;
    };
    const consumption = { reconcileConcurrency: 1, startConcurrency, limits };
    places.#consumption = await broker.wakeUps.consume({ reconcile, start }, consumption);
    return places;
  }

  end(name: string): void {
    this.#ends.get(name)?.();
    this.#ends.delete(name);
  }

  /** Ends each start as soon as it has begun, until so many were made. */
  async endEach(count: number): Promise<readonly string[]> {
    for (let made = 1; made <= count; made++) {
      await this.started.count(made);
      this.end(this.started.all[made - 1] ?? '');
    }
    return this.started.all;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumption?.[Symbol.asyncDispose]();
  }
}

function nameOf(instance: InstanceKey): string {
  return instance.split('~')[0] ?? '';
}

async function stand(broker: Broker, ...jobs: StartJob[]): Promise<void> {
  for (const job of jobs) await broker.wakeUps.start(job);
}

const named = (lane: string, count: number) =>
  Array.from({ length: count }, (_, index) => turnOf(`${lane}${index + 1}`));

async function positionsOf(broker: Broker, ...names: string[]): Promise<Record<string, number>> {
  const positions = await broker.wakeUps.positions(names.map(instanceOf));
  return Object.fromEntries([...positions].map(([instance, position]) => [nameOf(instance), position]));
}

export function turnConformance(make: MakeBench): void {
  test('starts are made by their turns and not by the order of their jobs, over all processes', async () => {
    await using bench = await make();
    await stand(bench.broker, ...named('a', 4), ...named('b', 2), turnOf('c1'));
    expect(await positionsOf(bench.broker, 'a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4', 'nobody')).toEqual({
      a1: 1,
      b1: 2,
      c1: 3,
      a2: 4,
      b2: 5,
      a3: 6,
      a4: 7,
    });
    await using places = await Places.on(await bench.another(), 1);
    expect(await places.endEach(7)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  });

  test('two hundred of one tenant delay the first of another by one slot at most', async () => {
    await using bench = await make();
    await Promise.all(named('a', 200).map((job) => bench.broker.wakeUps.start(job)));
    await using places = await Places.on(bench.broker, 1);
    await places.started.count(1);
    await stand(bench.broker, turnOf('b1'));
    expect((await positionsOf(bench.broker, 'b1'))['b1']).toBeLessThanOrEqual(2);
    const order = await places.endEach(3);
    expect(order.slice(0, 3)).toContain('b1');
  });

  test('what users wait for comes first, and before it what was under way already', async () => {
    await using bench = await make();
    const of = (name: string, urgency: Urgency) => turnOf(name, { urgency });
    await stand(bench.broker, of('a1', 'warming'), of('b1', 'warming'), of('a2', 'waiting'), of('b2', 'resumed'));
    await using places = await Places.on(bench.broker, 1);
    expect(await places.endEach(4)).toEqual(['b2', 'a2', 'a1', 'b1']);
  });

  test('a start keeps its place when it is asked for again, and comes once', async () => {
    await using bench = await make();
    await stand(bench.broker, ...named('a', 3), ...named('a', 3), ...named('a', 1));
    expect(await positionsOf(bench.broker, 'a1', 'a2', 'a3')).toEqual({ a1: 1, a2: 2, a3: 3 });
    await using places = await Places.on(bench.broker, 1);
    expect(await places.endEach(3)).toEqual(['a1', 'a2', 'a3']);
    await stand(bench.broker, turnOf('b1'));
    expect((await places.started.count(4)).at(-1)).toBe('b1');
  });

  test('one that is withdrawn gives up its place, a later generation keeps it', async () => {
    await using bench = await make();
    await stand(bench.broker, turnOf('a1', { generation: 5 }), turnOf('b1', { generation: 5 }));
    await bench.broker.wakeUps.withdraw(instanceOf('a1'), 4);
    expect(await positionsOf(bench.broker, 'a1', 'b1')).toEqual({ a1: 1, b1: 2 });
    await bench.broker.wakeUps.withdraw(instanceOf('a1'), 5);
    expect(await positionsOf(bench.broker, 'a1', 'b1')).toEqual({ b1: 1 });
  });

  test('neither the pool nor a tenant has more starts under way than it may, over all processes', async () => {
    await using bench = await make();
    const limits = { pool: 3, perTenant: 2 };
    await stand(bench.broker, ...named('a', 4), ...named('b', 2));
    const started = new Inbox<string>();
    await using one = await Places.on(bench.broker, 4, limits, started);
    await using two = await Places.on(await bench.another(), 4, limits, started);
    expect((await started.count(3)).toSorted()).toEqual(['a1', 'a2', 'b1']);
    expect(await positionsOf(bench.broker, 'a3', 'a4', 'b2')).toEqual({ b2: 1, a3: 2, a4: 3 });
    for (const places of [one, two]) places.end('a1');
    // A tenant that has room now, and one that had: the turn of the latter is lower.
    expect((await started.count(4)).at(-1)).toBe('b2');
    for (const places of [one, two]) places.end('b1');
    expect((await started.count(5)).at(-1)).toBe('a3');
  });

  test('the slot of a holder that fell silent is free once its lease has run out', async () => {
    await using bench = await make();
    const limits = { pool: 1 };
    await using silent = await Places.on(await bench.another(), 1, limits);
    await stand(bench.broker, turnOf('a1'));
    await silent.started.count(1);
    await bench.elapse(timing.leaseTtlMs.value + 1);
    await using places = await Places.on(bench.broker, 1, limits);
    await stand(bench.broker, turnOf('b1'));
    expect(await places.started.count(1)).toEqual(['b1']);
  });
}
