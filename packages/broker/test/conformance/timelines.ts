import type { ServiceName } from '@reveille/contracts';
import { expect, test } from 'vitest';
import type { MakeBench } from './bench.ts';
import { entryOf, instanceOf } from './samples.ts';

const agent = instanceOf('agent');

export function timelineConformance(make: MakeBench): void {
  test('a timeline holds the entries of one generation in order, each once', async () => {
    await using bench = await make();
    const { timelines } = bench.broker;
    await timelines.append([entryOf(agent, 3), entryOf(agent, 1), entryOf(agent, 9, { generation: 2 })]);
    await timelines.append([entryOf(agent, 2), entryOf(agent, 3)]);
    expect(await timelines.read(agent, 1)).toEqual([entryOf(agent, 1), entryOf(agent, 2), entryOf(agent, 3)]);
    expect((await timelines.read(agent, 2)).map(({ at }) => at)).toEqual([9]);
    expect(await timelines.read(agent, 3)).toEqual([]);
  });

  test('a timeline keeps the newest 200 entries for a day', async () => {
    await using bench = await make();
    const { timelines } = bench.broker;
    await timelines.append(Array.from({ length: 230 }, (_, n) => entryOf(agent, n + 1)));
    const kept = await timelines.read(agent, 1);
    expect([kept.length, kept[0]?.at, kept.at(-1)?.at]).toEqual([200, 31, 230]);
    await bench.elapse(25 * 3600_000);
    expect(await timelines.read(agent, 1)).toEqual([]);
  });

  test('the last fifty starts of a service are remembered, newest first', async () => {
    await using bench = await make();
    const service = 'agent' as ServiceName;
    const ready = Array.from({ length: 60 }, (_, n) =>
      entryOf(agent, n + 1, {
        state: 'ready',
        service,
        generation: n,
        timings: { claimedAt: 1000 * n, readyAt: 1000 * n + n },
      }),
    );
    await bench.broker.timelines.append([...ready, ...ready.slice(50), entryOf(agent, 99)]);
    const durations = await bench.broker.timelines.durations(['agent', 'tools']);
    expect(durations.get('agent')).toEqual(Array.from({ length: 50 }, (_, n) => 59 - n));
    expect(durations.get('tools')).toEqual([]);
  });
}
