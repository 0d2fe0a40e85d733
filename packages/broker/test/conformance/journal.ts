import type { StampedEntry } from '@reveille/orchestration';
import { expect, test } from 'vitest';
import type { MakeBench } from './bench.ts';
import { Inbox } from './inbox.ts';
import { readOne, wantOne } from './ledger.ts';
import { commitOn, instanceOf } from './samples.ts';

const agent = instanceOf('agent');

export function journalConformance(make: MakeBench): void {
  test('changes of an instance are read in order, stamped with the edges that were interested', async () => {
    await using bench = await make();
    const inbox = new Inbox<StampedEntry>();
    await using _ = await bench.broker.journal.consume('r1', async (entries) => entries.forEach(inbox.put));
    const { ledger } = bench.broker;
    await ledger.commit(commitOn(await readOne(bench.broker, agent), { change: 'joined' }));
    await ledger.commit(commitOn(await wantOne(bench.broker, 'e1', agent), { change: 'wanted' }));
    const commit = commitOn(await wantOne(bench.broker, 'e2', agent), {
      change: 'queued',
      record: { state: 'queued' },
    });
    await ledger.commit(commit);
    await ledger.unwant('e1', [agent]);
    await ledger.commit(commitOn(await readOne(bench.broker, agent), { change: 'claimed' }));
    const heard = await inbox.count(4);
    expect(heard.map(({ entry, edges }) => [entry.change, [...edges].sort()])).toEqual([
      ['joined', []],
      ['wanted', ['e1']],
      ['queued', ['e1', 'e2']],
      ['claimed', ['e2']],
    ]);
    expect(heard[2]?.entry.record).toEqual(commit.record);
  });

  test('interest that ran out long ago is stamped on nothing, one that is late by a moment still is', async () => {
    await using bench = await make();
    const { ledger } = bench.broker;
    await wantOne(bench.broker, 'e1', agent, 5_000);
    await bench.elapse(6_000);
    await ledger.commit(commitOn(await readOne(bench.broker, agent), { change: 'wanted' }));
    await bench.elapse(60_000);
    await ledger.commit(commitOn(await readOne(bench.broker, agent), { change: 'joined' }));
    const inbox = new Inbox<StampedEntry>();
    await using _ = await bench.broker.journal.consume('r1', async (entries) => entries.forEach(inbox.put));
    const heard = await inbox.count(2);
    expect(heard.map(({ entry, edges }) => [entry.change, edges])).toEqual([
      ['wanted', ['e1']],
      ['joined', []],
    ]);
  });

  test('what was written before anybody read is read', async () => {
    await using bench = await make();
    await bench.broker.ledger.commit(commitOn(await readOne(bench.broker, agent)));
    const inbox = new Inbox<StampedEntry>();
    await using _ = await bench.broker.journal.consume('r1', async (entries) => entries.forEach(inbox.put));
    expect((await inbox.count(1))[0]?.entry.record.instance).toBe(agent);
  });

  test('of two relays each entry is handled by one', async () => {
    await using bench = await make();
    const other = await bench.another();
    const inbox = new Inbox<string>();
    const take = async (entries: readonly StampedEntry[]): Promise<void> =>
      entries.forEach(({ entry }) => inbox.put(entry.record.instance));
    await using _one = await bench.broker.journal.consume('r1', take);
    await using _two = await other.journal.consume('r2', take);
    const instances = Array.from({ length: 60 }, (_, n) => instanceOf(`s${n}`));
    const readings = await bench.broker.ledger.read(instances);
    await Promise.all(readings.map((reading) => bench.broker.ledger.commit(commitOn(reading))));
    expect([...(await inbox.count(60))].sort()).toEqual(instances.sort());
  });

  test('entries that a relay could not handle come again', async () => {
    await using bench = await make();
    const tries = new Inbox<string>();
    await using _ = await bench.broker.journal.consume('r1', async (entries) => {
      entries.forEach(({ id }) => tries.put(id));
      if (tries.all.length === 1) throw new Error('not now');
    });
    await bench.broker.ledger.commit(commitOn(await readOne(bench.broker, agent)));
    await tries.count(1);
    await bench.elapse(3000);
    const [first, second] = await tries.count(2);
    expect(second).toBe(first);
  });

  test('entries in the hands of a relay that dies are handled by another', async () => {
    await using bench = await make();
    const other = await bench.another();
    const taken = Promise.withResolvers<void>();
    const dead = await bench.broker.journal.consume('r1', () => {
      taken.resolve();
      return new Promise(() => undefined);
    });
    await bench.broker.ledger.commit(commitOn(await readOne(bench.broker, agent)));
    await taken.promise;
    await dead[Symbol.asyncDispose]();
    const inbox = new Inbox<StampedEntry>();
    await using _ = await other.journal.consume('r2', async (entries) => entries.forEach(inbox.put));
    await bench.elapse(3000);
    expect((await inbox.count(1))[0]?.entry.record.instance).toBe(agent);
  });
}
