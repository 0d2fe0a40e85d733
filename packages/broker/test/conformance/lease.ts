import { expect, test } from 'vitest';
import type { MakeBench } from './bench.ts';
import { dueAll, readOne, wantOne } from './ledger.ts';
import { commitOn, instanceOf } from './samples.ts';

const agent = instanceOf('agent');
const lease = { owner: 'i1', ttlMs: 8000 };

export function leaseConformance(make: MakeBench): void {
  test('a claim is held until it runs out', async () => {
    await using bench = await make();
    await bench.broker.ledger.commit(commitOn(await readOne(bench.broker, agent), { lease }));
    const held = await readOne(bench.broker, agent);
    expect(held.lease?.owner).toBe('i1');
    expect((held.lease?.until ?? 0) - held.now).toBeGreaterThan(6000);
    await bench.elapse(8000);
    expect((await readOne(bench.broker, agent)).lease).toBeUndefined();
  });

  test('a commit that says nothing of the lease leaves it, one that releases ends it', async () => {
    await using bench = await make();
    const { ledger } = bench.broker;
    await ledger.commit(commitOn(await readOne(bench.broker, agent), { lease }));
    await ledger.commit(commitOn(await readOne(bench.broker, agent)));
    expect((await readOne(bench.broker, agent)).lease?.owner).toBe('i1');
    await ledger.commit(commitOn(await readOne(bench.broker, agent), { lease: 'release' }));
    expect((await readOne(bench.broker, agent)).lease).toBeUndefined();
    expect(await ledger.renew(agent, { ...lease, epoch: 0 })).toEqual({ held: false });
  });

  test('only the holder renews, and only under its epoch', async () => {
    await using bench = await make();
    const { ledger } = bench.broker;
    await ledger.commit(commitOn(await readOne(bench.broker, agent), { lease, record: { epoch: 5 } }));
    await bench.elapse(6000);
    expect(await ledger.renew(agent, { ...lease, epoch: 5 })).toEqual({ held: true });
    await bench.elapse(6000);
    expect((await readOne(bench.broker, agent)).lease?.owner).toBe('i1');
    expect(await ledger.renew(agent, { owner: 'i2', ttlMs: 8000, epoch: 5 })).toEqual({ held: false });
    expect(await ledger.renew(agent, { ...lease, epoch: 4 })).toEqual({ held: false });
    expect(await ledger.renew(instanceOf('nobody'), { ...lease, epoch: 5 })).toEqual({ held: false });
  });

  test('a lease that ran out and that nobody took is renewed', async () => {
    await using bench = await make();
    await bench.broker.ledger.commit(commitOn(await readOne(bench.broker, agent), { lease, record: { epoch: 5 } }));
    await bench.elapse(9000);
    expect(await bench.broker.ledger.renew(agent, { ...lease, epoch: 5 })).toEqual({ held: true });
  });

  test('whoever saw a lease run out decides again when its holder renewed it late', async () => {
    await using bench = await make();
    const { ledger } = bench.broker;
    await ledger.commit(commitOn(await readOne(bench.broker, agent), { lease, record: { epoch: 5 } }));
    const fresh = await readOne(bench.broker, agent);
    expect(await ledger.renew(agent, { ...lease, epoch: 5 })).toEqual({ held: true });
    expect((await readOne(bench.broker, agent)).token).toBe(fresh.token);
    await bench.elapse(9000);
    const ranOut = await readOne(bench.broker, agent);
    expect(await ledger.renew(agent, { ...lease, epoch: 5 })).toEqual({ held: true });
    expect(await ledger.commit(commitOn(ranOut, { lease: { owner: 'i2', ttlMs: 8000 } }))).toEqual({
      committed: false,
    });
    expect((await readOne(bench.broker, agent)).lease?.owner).toBe('i1');
  });

  test('a watch is taken by one of many when the watcher fell silent', async () => {
    await using bench = await make();
    const { ledger } = bench.broker;
    await ledger.commit(commitOn(await readOne(bench.broker, agent), { lease, record: { epoch: 5, state: 'ready' } }));
    const take = (owner: string, epoch = 5): Promise<{ held: boolean }> =>
      ledger.takeWatch(agent, { owner, epoch, ttlMs: 8000 });
    expect(await take('i2')).toEqual({ held: false });
    await bench.elapse(9000);
    expect(await take('i2', 4)).toEqual({ held: false });
    const results = await Promise.all(Array.from({ length: 10 }, (_, n) => take(`w${n}`)));
    expect(results.filter(({ held }) => held)).toHaveLength(1);
    expect(await ledger.renew(agent, { ...lease, epoch: 5 })).toEqual({ held: false });
    expect((await readOne(bench.broker, agent)).token).toBe((await readOne(bench.broker, agent)).record?.revision);
  });

  test('what a commit wants attended to is given to one caller per second, until the next commit', async () => {
    await using bench = await make();
    const other = await bench.another();
    await bench.broker.ledger.commit(commitOn(await readOne(bench.broker, agent), { attendInMs: 3000 }));
    expect(await dueAll(bench.broker)).toEqual([]);
    await bench.elapse(3500);
    const given = await Promise.all([dueAll(bench.broker), dueAll(other)]);
    expect(given.flat()).toEqual([agent]);
    await bench.elapse(1500);
    expect(await dueAll(other)).toEqual([agent]);
    await bench.broker.ledger.commit(commitOn(await readOne(bench.broker, agent)));
    await bench.elapse(60_000);
    expect(await dueAll(bench.broker)).toEqual([]);
  });

  test('an instance whose lease ran out is due, whenever its attention would be', async () => {
    await using bench = await make();
    const commit = commitOn(await readOne(bench.broker, agent), { lease, attendInMs: 600_000 });
    await bench.broker.ledger.commit(commit);
    await bench.elapse(7000);
    expect(await dueAll(bench.broker)).toEqual([]);
    await bench.elapse(2000);
    expect(await dueAll(bench.broker)).toEqual([agent]);
    expect(await dueAll(bench.broker)).toEqual([]);
  });

  test('no more are given at once than asked for, and the rest next', async () => {
    await using bench = await make();
    const { ledger } = bench.broker;
    const instances = Array.from({ length: 40 }, (_, n) => instanceOf(`s${n}`));
    const readings = await ledger.read(instances);
    await Promise.all(readings.map((reading) => ledger.commit(commitOn(reading, { attendInMs: 0 }))));
    const found: string[] = [];
    for (let partition = 0; partition < ledger.partitions; partition += 1) {
      for (let page = await ledger.due(partition, 2); page.length > 0; page = await ledger.due(partition, 2)) {
        expect(page.length).toBeLessThanOrEqual(2);
        found.push(...page);
      }
    }
    expect(found.sort()).toEqual(instances.sort());
  });

  test('a wish whose wake-up is lost is noticed by the sweep within a second', async () => {
    await using bench = await make();
    await wantOne(bench.broker, 'e1', agent);
    expect(await dueAll(bench.broker)).toEqual([]);
    await bench.elapse(1500);
    expect(await dueAll(bench.broker)).toEqual([agent]);
  });
}
