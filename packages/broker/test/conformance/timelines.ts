import type { ScopeKey, ServiceName } from '@reveille/contracts';
import type { RunHead, RunWait } from '@reveille/orchestration';
import { expect, test } from 'vitest';
import type { MakeBench } from './bench.ts';
import { entryOf, instanceOf, trace } from './samples.ts';

const agent = instanceOf('agent');

export function timelineConformance(make: MakeBench): void {
  test('a timeline holds the entries of one generation in order, each once', async () => {
    await using bench = await make();
    const { timelines } = bench.broker;
    await timelines.append([entryOf(agent, 3), entryOf(agent, 1), entryOf(agent, 9, { generation: 2 })]);
    await timelines.append([entryOf(agent, 2), entryOf(agent, 3)]);
    expect(await timelines.read(agent, 1)).toEqual({
      entries: [entryOf(agent, 1), entryOf(agent, 2), entryOf(agent, 3)],
    });
    expect((await timelines.read(agent, 2)).entries.map(({ at }) => at)).toEqual([9]);
    expect(await timelines.read(agent, 3)).toEqual({ entries: [] });
  });

  test('of very many entries a timeline keeps the beginning and the newest, for a day', async () => {
    await using bench = await make();
    const { timelines } = bench.broker;
    await timelines.append(Array.from({ length: 230 }, (_, n) => entryOf(agent, n + 1)));
    const { entries, keptBefore } = await timelines.read(agent, 1);
    expect([entries.length, keptBefore]).toEqual([200, 50]);
    expect([0, 49, 50, 199].map((index) => entries[index]?.at)).toEqual([1, 50, 81, 230]);
    await bench.elapse(25 * 3600_000);
    expect(await timelines.read(agent, 1)).toEqual({ entries: [] });
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

  test('an initialization is kept with who waited for it, and found by each of them', async () => {
    await using bench = await make();
    const { timelines } = bench.broker;
    const wait = waitOf('s1');
    await timelines.note([
      { kind: 'begun', head },
      { kind: 'waits', initialization: 'i1', startedAt: 100, wait },
      { kind: 'waits', initialization: 'i1', startedAt: 100, wait: { ...waitOf('s2'), from: 90 } },
    ]);
    // Another edge says it too: the first head stays, and one of them claims it.
    await timelines.note([{ kind: 'begun', head: { ...head, startedAt: 101 } }]);
    // A plan of another target lacks the same: it is in the same run, and kept beside.
    const joined = { ...head, entrypoint: 'voice', target: instanceOf('voice'), startedAt: 120 };
    await timelines.note([{ kind: 'begun', head: joined }]);
    const claim = (by: string) => timelines.note([{ kind: 'claimed', initialization: 'i1', by }]);
    expect([await claim('e1'), await claim('e2')]).toEqual([new Set(['i1']), new Set()]);
    // What could not be told that it was written is written again.
    expect(await claim('e1')).toEqual(new Set(['i1']));
    const ofWait = (session: string, by = 'r1') =>
      timelines.note([{ kind: 'claimed', initialization: 'i1', by, session }]).then(({ size }) => size);
    expect([await ofWait('s1'), await ofWait('s1', 'r2'), await ofWait('s2')]).toEqual([1, 0, 1]);
    const origin = { initialization: 'i1', traceparent: trace };
    for (const generation of [1_000_007, 1_000_005])
      await timelines.append([{ ...entryOf(agent, 1, { generation, origin }), change: 'wanted' }]);
    await timelines.note([
      { kind: 'waits', initialization: 'i1', startedAt: 100, wait: { ...wait, to: 400, outcome: 'connected' } },
      // Heard of late: the end of it stays.
      { kind: 'waits', initialization: 'i1', startedAt: 100, wait },
      { kind: 'ended', initialization: 'i1', end: { at: 390, outcome: 'ready' } },
      { kind: 'position', initialization: 'i1', place: `${agent}.7.0`, position: 5 },
      { kind: 'position', initialization: 'i1', place: `${agent}.7.0`, position: 4 },
    ]);
    expect(await timelines.run('i1')).toEqual({
      head,
      others: [joined],
      end: { at: 390, outcome: 'ready' },
      generations: new Map([[agent, [1_000_005, 1_000_007]]]),
      positions: new Map([[`${agent}.7.0`, 5]]),
      waits: [
        { ...waitOf('s2'), from: 90 },
        { ...wait, to: 400, outcome: 'connected' },
      ],
      unlisted: 0,
      rootBy: 'e1',
    });
    await timelines.note([{ kind: 'begun', head: { ...head, initialization: 'i2', startedAt: 200 } }]);
    expect(await timelines.runs({ by: 'all' }, 10)).toEqual(['i2', 'i1']);
    expect(await timelines.runs({ by: 'entrypoint', value: 'chat' }, 1)).toEqual(['i2']);
    expect(await timelines.runs({ by: 'user', value: wait.user }, 10)).toEqual(['i1']);
    expect(await timelines.runs({ by: 'session', value: 's2' }, 10)).toEqual(['i1']);
    expect(await timelines.runs({ by: 'trace', value: head.traceId }, 10)).toEqual(['i2', 'i1']);
    expect(await timelines.runs({ by: 'session', value: 's9' }, 10)).toEqual([]);
    expect(await timelines.run('i9')).toBeUndefined();
    await bench.elapse(25 * 3600_000);
    expect([await timelines.run('i1'), await timelines.runs({ by: 'all' }, 10)]).toEqual([undefined, []]);
  });

  test('of a crowd that waits a hundred are listed and the others counted, and two hundred initializations are found', async () => {
    await using bench = await make();
    const { timelines } = bench.broker;
    await timelines.note([{ kind: 'begun', head }]);
    for (const end of [{}, { to: 200, outcome: 'connected' }])
      await timelines.note(
        Array.from({ length: 130 }, (_, n) => ({
          ...({ kind: 'waits', initialization: 'i1', startedAt: 100, wait: { ...waitOf(`s${n}`), ...end } } as const),
        })),
      );
    await timelines.note([{ kind: 'crowd', initialization: 'i1', count: 12 }]);
    const run = await timelines.run('i1');
    expect([run?.waits.length, run?.unlisted]).toEqual([100, 42]);
    expect(run?.waits.filter(({ to }) => to === undefined)).toEqual([]);
    await timelines.note(
      Array.from({ length: 205 }, (_, n) => ({
        ...({ kind: 'begun', head: { ...head, initialization: `n${n}`, startedAt: 1000 + n } } as const),
      })),
    );
    const found = await timelines.runs({ by: 'all' }, 500);
    expect([found.length, found[0], found.at(-1)]).toEqual([200, 'n204', 'n5']);
  });
}

const head: RunHead = {
  initialization: 'i1',
  traceId: 'a'.repeat(32),
  entrypoint: 'chat',
  target: agent,
  instances: [{ instance: agent, service: 'agent' as ServiceName, name: 'Agent', dependencies: [] }],
  startedAt: 100,
  promisedMs: 250,
};

function waitOf(session: string): RunWait {
  return { session, user: `user-of-${session}` as ScopeKey, edge: 'e1', from: 100 };
}
