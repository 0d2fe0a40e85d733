import type { ServiceName } from '@reveille/contracts';
import type { Reservation } from '@reveille/orchestration';
import { expect, test } from 'vitest';
import type { MakeBench } from './bench.ts';
import { instanceOf } from './samples.ts';

const of = (name: string, generation = 1): Reservation => ({
  service: 'desk' as ServiceName,
  instance: instanceOf(name),
  generation,
});
const terms = { limit: 2, ttlMs: 10_000 };
const refused = { reserved: false, held: 2 };

export function quotaConformance(make: MakeBench): void {
  test('of many instances at once no more get a place than the limit says, over all processes', async () => {
    await using bench = await make();
    const both = [bench.broker, await bench.another()];
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) => both[index % 2]?.quotas.reserve(of(`d${index}`), terms)),
    );
    expect(results.filter((result) => result?.reserved)).toHaveLength(2);
    expect(results.find((result) => !result?.reserved)).toEqual(refused);
    const other = { ...of('d1'), service: 'other' as ServiceName };
    expect(await bench.broker.quotas.reserve(other, terms)).toEqual({ reserved: true });
  });

  test('an instance has one place, whatever its generation, and is given it again', async () => {
    await using bench = await make();
    const { quotas } = bench.broker;
    for (const generation of [1, 1, 2])
      expect(await quotas.reserve(of('d1', generation), terms)).toEqual({ reserved: true });
    expect(await quotas.reserve(of('d2'), terms)).toEqual({ reserved: true });
    expect(await quotas.reserve(of('d3'), terms)).toEqual(refused);
    expect(await quotas.reserve(of('d1', 3), terms)).toEqual({ reserved: true });
  });

  test('a place is free when its instance ends, but not when an earlier generation of it does', async () => {
    await using bench = await make();
    const { quotas } = bench.broker;
    await quotas.reserve(of('d1', 5), terms);
    await quotas.reserve(of('d2'), terms);
    await quotas.release(of('d1', 4));
    expect(await quotas.reserve(of('d3'), terms)).toEqual(refused);
    await quotas.release(of('d1', 5));
    expect(await quotas.reserve(of('d3'), terms)).toEqual({ reserved: true });
  });

  test('a place that nobody renews is free, one that is held stays', async () => {
    await using bench = await make();
    const { quotas } = bench.broker;
    await quotas.reserve(of('d1'), terms);
    await quotas.reserve(of('d2'), terms);
    await bench.elapse(6000);
    await quotas.hold(of('d1'), 10_000);
    await bench.elapse(6000);
    expect(await quotas.reserve(of('d3'), terms)).toEqual({ reserved: true });
    expect(await quotas.reserve(of('d4'), terms)).toEqual(refused);
  });

  test('what runs has its place, also when that was lost or the limit has been lowered', async () => {
    await using bench = await make();
    const { quotas } = bench.broker;
    for (const name of ['d1', 'd2', 'd3']) await quotas.hold(of(name), 10_000);
    expect(await quotas.reserve(of('d4'), terms)).toEqual({ reserved: false, held: 3 });
    expect(await quotas.reserve(of('d3'), terms)).toEqual({ reserved: true });
  });
}
