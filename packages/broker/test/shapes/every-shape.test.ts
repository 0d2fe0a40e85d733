import { checkRedis } from '@reveille/broker';
import type { JournalEntry } from '@reveille/contracts';
import type { StampedEntry } from '@reveille/orchestration';
import { describe, expect, test } from 'vitest';
import { Inbox } from '../conformance/inbox.ts';
import { listAll, readOne, wantOne } from '../conformance/ledger.ts';
import { commitOn, instanceOf, reconcileJobOf, startJobOf } from '../conformance/samples.ts';
import { isWholeRun } from './on-demand.ts';
import { Shape, type ShapeName, shapeNames } from './shape.ts';

const plan = ['llm', 'data', 'tools', 'agent'].map(instanceOf);

/** What the others add is in them: TLS in the second, sentinels and slots without it. */
const always: readonly ShapeName[] = [
  'standalone with AOF',
  'standalone with TLS of a private CA',
  'Sentinel',
  'Cluster',
];

describe.each(isWholeRun ? shapeNames : always)('%s', (name) => {
  test('a plan over several partitions goes the whole way: interest, jobs, commits, journal, routing', async () => {
    await using shape = await Shape.launch(name);
    await refusesStrangers(shape);
    await using bench = await shape.bench();
    const { broker } = bench;
    const relay = await bench.another();
    const [jobs, entries, routed] = [new Inbox<string>(), new Inbox<StampedEntry>(), new Inbox<JournalEntry>()];
    await using _jobs = await broker.wakeUps.consume(
      { reconcile: async (job) => jobs.put(job.instance), start: async (job) => jobs.put(`start ${job.instance}`) },
      { reconcileConcurrency: 4, startConcurrency: 4 },
    );
    await using _journal = await relay.journal.consume('r1', async (batch) => batch.forEach(entries.put));
    await using _edge = await broker.router.subscribe('e1', { onEntry: routed.put, onGap: () => undefined });

    await broker.ledger.want('e1', plan, 10_000);
    await broker.wakeUps.reconcile(plan.map((instance) => reconcileJobOf(instance)));
    await Promise.all(plan.map((instance) => broker.wakeUps.start(startJobOf(instance))));
    // A start whose turn came before its job is offered again by that job, which then finds it made.
    const wanted = [...plan, ...plan.map((one) => `start ${one}`)];
    expect(new Set(await jobs.until((all) => new Set(all).size >= wanted.length))).toEqual(new Set(wanted));

    const readings = await broker.ledger.read(plan);
    const results = await Promise.all(readings.map((reading) => broker.ledger.commit(commitOn(reading))));
    expect(results.map(({ committed }) => committed)).toEqual([true, true, true, true]);
    expect(await broker.ledger.commit(commitOn(readings[0] as never))).toEqual({ committed: false });
    for (const { entry, edges } of await entries.count(4))
      for (const edge of edges) await relay.router.publish(edge, [entry]);
    expect((await routed.count(4)).map(({ record }) => record.instance).toSorted()).toEqual([...plan].toSorted());
    await relay.timelines.append(entries.all.map(({ entry }) => entry));
    expect((await broker.timelines.read(plan[0] as string, 1)).entries).toHaveLength(1);
    expect((await listAll(broker)).toSorted()).toEqual([...plan].toSorted());
    expect((await wantOne(relay, 'e2', plan[3] as never)).interest).toHaveLength(2);
    expect((await readOne(relay, plan[3] as never)).record?.state).toBe('waiting');
  });
});

/** In words and at once: one whose certificate is not trusted here, and one whose password is wrong. */
async function refusesStrangers({ url, access }: Shape): Promise<void> {
  const { tls, ...credentials } = access;
  if (tls !== undefined)
    expect(await checkRedis(url, credentials)).toEqual([
      { code: 'absent', message: expect.stringMatching(/authority that is not trusted here \(REDIS_TLS_CA/) },
    ]);
  if (credentials.password !== undefined)
    expect(await checkRedis(url, { ...access, password: 'wrong' })).toEqual([
      { code: 'absent', message: expect.stringMatching(/does not accept the user or password/) },
    ]);
}
