import type { LedgerRecord } from '@reveille/contracts';
import { describe, expect, test } from 'vitest';
import {
  type Commit,
  decide,
  leavesDependencies,
  type Reading,
  type Situation,
  transition,
  wakesAfter,
} from '../../src/index.ts';
import { app, db, failure, interest, now, readingOf, recordOf, spec } from './situations.ts';

function appWith(reading: Reading, dependency: Reading, more: Partial<Situation> = {}) {
  return decide({
    reading,
    dependencies: [dependency],
    former: [],
    identity: app,
    spec: spec('app'),
    self: { owner: 'me', host: 'here' },
    aliveHosts: new Set(['here']),
    origin: undefined,
    ...more,
  });
}
const readyDb = readingOf(db, { state: 'ready', generation: 4, dependents: [app.instance] });
const running = { state: 'ready', generation: 8, dependencyGenerations: { [db.instance]: 4 } } as const;

describe('what is wanted', () => {
  test('a cold instance that nobody wants stays cold', () => {
    const free = readingOf(db, { state: 'ready' });
    expect(appWith(readingOf(app, undefined), free)).toEqual({ next: 'nothing' });
    expect(appWith(readingOf(app, { state: 'cold' }), free)).toEqual({ next: 'rest' });
  });

  test('cold or failed it leaves what still counts it, also what only an older catalog named', () => {
    const leaving = { next: 'leave_dependencies', dependencies: [db.instance] };
    expect(appWith(readingOf(app, { state: 'cold' }), readyDb)).toEqual(leaving);
    expect(appWith(readingOf(app, { state: 'failed', cooldownUntil: now + 1 }), readyDb)).toEqual(leaving);
    const newer = { identity: { ...app, dependencies: [] }, dependencies: [], former: [readyDb] };
    expect(appWith(readingOf(app, { state: 'cold' }), readyDb, newer)).toEqual(leaving);
    expect(appWith(readingOf(app, { state: 'waiting' }, interest), readyDb, newer)).toEqual(leaving);
  });

  test('wanted and cold, a new generation begins', () => {
    expect(appWith(readingOf(app, undefined, interest), readyDb)).toMatchObject({ command: { kind: 'want' } });
    expect(appWith(readingOf(app, { dependents: [db.instance] }), readyDb)).toMatchObject({
      command: { kind: 'want' },
    });
  });

  test('before it waits for its dependencies it is among their dependents, so that no change of theirs is missed', () => {
    const waiting = readingOf(app, { state: 'waiting' }, interest);
    expect(appWith(waiting, readingOf(db, { state: 'ready' }))).toEqual({
      next: 'join_dependencies',
      dependencies: [db.instance],
    });
    expect(appWith(waiting, readingOf(db, { state: 'starting', dependents: [app.instance] }))).toEqual({
      next: 'nothing',
    });
    expect(appWith(waiting, readyDb)).toMatchObject({
      command: { kind: 'queue', dependencyGenerations: { [db.instance]: 4 } },
    });
  });

  test('a dependency that failed for good fails it at once with the same root cause', () => {
    const failed = readingOf(db, { state: 'failed', failure, cooldownUntil: now + 5000 });
    expect(appWith(readingOf(app, { state: 'waiting' }, interest), failed)).toMatchObject({
      command: { kind: 'fail_dependency', failure, cooldownUntil: now + 5000 },
    });
  });

  test('of several dependencies that failed, the first is the cause and the last to cool down says when', () => {
    const failed = readingOf(db, { state: 'failed', failure, cooldownUntil: now + 5000 });
    const other = readingOf(app, {
      state: 'failed',
      failure: { ...failure, name: 'Other' },
      cooldownUntil: now + 9000,
    });
    expect(
      appWith(readingOf(app, { state: 'waiting' }, interest), failed, { dependencies: [failed, other] }),
    ).toMatchObject({ command: { kind: 'fail_dependency', failure, cooldownUntil: now + 9000 } });
  });

  test('a dependency whose failure has cooled down is joined, not copied', () => {
    // Its end was written down an hour from now: the clock has gone back since.
    const hour = 3_600_000;
    const ahead = { endedAt: now + hour - 1000 };
    const jumped = readingOf(db, { state: 'failed', failure, cooldownUntil: now + hour, timings: ahead });
    const cooled = readingOf(db, { state: 'failed', failure, cooldownUntil: now });
    for (const over of [cooled, jumped])
      expect(appWith(readingOf(app, { state: 'waiting' }, interest), over)).toMatchObject({
        next: 'join_dependencies',
      });
  });

  test('a dependency that was lost between queueing and claiming is waited for again', () => {
    const queued = readingOf(app, { state: 'queued', dependencyGenerations: { [db.instance]: 4 } }, interest);
    expect(appWith(queued, readyDb)).toMatchObject({ next: 'enqueue_start', attempt: 1 });
    expect(appWith(queued, readingOf(db, { state: 'lost', generation: 4 }))).toMatchObject({
      command: { kind: 'wait' },
    });
    expect(appWith(queued, readingOf(db, { state: 'ready', generation: 5 }))).toMatchObject({
      command: { kind: 'wait' },
    });
  });
});

describe('what was let go and may run', () => {
  const started = { intent: { name: 'n' }, dependencyGenerations: { [db.instance]: 4 } } as const;
  const lost = readingOf(db, { state: 'lost', generation: 4, dependents: [app.instance] });
  const another = readingOf(db, { state: 'ready', generation: 5, dependents: [app.instance] });
  const keep = { ...spec('app'), dependsOn: [{ service: db.service, onChange: 'keep' as const }] };

  test.each(['waiting', 'queued'] as const)(
    '%s, it is stopped when what it was started on is another by now',
    (state) => {
      for (const other of [lost, another])
        expect(appWith(readingOf(app, { ...started, state }, interest), other)).toEqual({
          next: 'stop',
          reason: 'dependency',
        });
    },
  );

  test('on the same dependency, or one that it keeps through changes, the next initializer goes on with it', () => {
    const queued = readingOf(app, { ...started, state: 'queued' }, interest);
    expect(appWith(queued, readyDb)).toMatchObject({ next: 'enqueue_start' });
    expect(appWith(queued, another, { spec: keep })).toMatchObject({ command: { kind: 'wait' } });
  });

  test('while it waits it is known what it was started on, and of nothing else', () => {
    const waiting = (fields: Partial<LedgerRecord>) => {
      const queued = readingOf(app, { ...started, ...fields, state: 'queued' }, interest);
      const { record } = transition(queued, { kind: 'wait' }) as Commit;
      return { state: record.state, on: record.dependencyGenerations };
    };
    expect(waiting({})).toEqual({ state: 'waiting', on: { [db.instance]: 4 } });
    for (const ended of [{ notBefore: now }, { host: 'there' }, { intent: undefined }])
      expect(waiting(ended as Partial<LedgerRecord>)).toEqual({ state: 'waiting', on: undefined });
  });

  test('what a failed attempt or a host had started has ended, and only waits', () => {
    for (const ended of [{ notBefore: now }, { host: 'there' }])
      expect(appWith(readingOf(app, { ...started, ...ended, state: 'queued' }, interest), another)).toMatchObject({
        command: { kind: 'wait' },
      });
  });

  test('it is stopped and not only forgotten when nobody waits for it or an operator ends it', () => {
    const queued = (fields: Partial<LedgerRecord>) => readingOf(app, { ...started, state: 'queued', ...fields });
    const unwanted = queued({ unwantedAt: now - 5000 });
    expect(appWith(unwanted, readyDb)).toEqual({ next: 'stop', reason: 'cancelled' });
    const requested = { next: 'stop', reason: 'requested' };
    expect(appWith(queued({ stopRequestedAt: now }), readyDb)).toEqual(requested);
    expect(appWith(queued({}), readyDb, { paused: failure })).toEqual(requested);
  });
});

describe('what is under way', () => {
  const lease = { owner: 'other', until: now + 1000 };

  test('a start with a living holder is left alone', () => {
    expect(appWith(readingOf(app, { state: 'starting' }, { ...interest, lease }), readyDb)).toEqual({
      next: 'nothing',
    });
  });

  test('a start whose holder is gone is taken over', () => {
    expect(appWith(readingOf(app, { state: 'starting', attempt: 1 }, interest), readyDb)).toEqual({
      next: 'enqueue_start',
      attempt: 2,
      delayMs: 0,
    });
  });

  test('what may still run on another living host is left to that host', () => {
    const there = readingOf(app, { state: 'starting', host: 'there' }, interest);
    expect(appWith(there, readyDb, { aliveHosts: new Set(['here', 'there']) })).toEqual({ next: 'nothing' });
    expect(appWith(there, readyDb)).toMatchObject({ next: 'enqueue_start' });
  });

  test('nobody waits any more: noted first, cancelled only after the linger, and a visitor in between counts', () => {
    const noted = (ago: number, more: Partial<Reading> = {}) =>
      appWith(readingOf(app, { state: 'waiting', unwantedAt: now - ago }, more), readyDb);
    expect(appWith(readingOf(app, { state: 'waiting' }), readyDb)).toMatchObject({
      command: { kind: 'note_unwanted' },
    });
    expect(noted(4999)).toEqual({ next: 'nothing' });
    expect(noted(5000)).toMatchObject({ command: { kind: 'cancel' } });
    expect(noted(5000, interest)).toMatchObject({ command: { kind: 'note_wanted' } });
    expect(noted(5000, { token: 11 })).toMatchObject({ command: { kind: 'note_unwanted' } });
  });
});

describe('what is ready', () => {
  test('it is watched by whoever finds that nobody looks', () => {
    expect(appWith(readingOf(app, running, interest), readyDb)).toEqual({ next: 'watch' });
    const lease = { owner: 'other', until: now + 1 };
    expect(appWith(readingOf(app, running, { ...interest, lease }), readyDb)).toEqual({ next: 'nothing' });
  });

  test('on another living host it is left to those who may act on it', () => {
    const there = { ...running, host: 'there' };
    const hosts = (...alive: string[]) => ({ aliveHosts: new Set(alive) });
    expect(appWith(readingOf(app, there, interest), readyDb, hosts('here', 'there'))).toEqual({ next: 'nothing' });
    expect(appWith(readingOf(app, there, interest), readyDb, hosts('here'))).toEqual({ next: 'watch' });
  });

  test('a catalog that names further dependencies holds for the next generation', () => {
    const more = { ...spec('app'), dependsOn: [...spec('app').dependsOn, ...spec('app').dependsOn] };
    const another = readingOf({ ...db, instance: 'new~global' as never }, { state: 'cold' });
    const changed = { spec: more, dependencies: [readyDb, another] };
    expect(appWith(readingOf(app, running, interest), readyDb, changed)).toEqual({ next: 'watch' });
    expect(appWith(readingOf(app, { ...running, state: 'queued' }, interest), readyDb, changed)).toMatchObject({
      command: { kind: 'wait' },
    });
  });

  test('it is started again when a dependency is not the one that it was started with', () => {
    for (const moved of [
      { state: 'lost', generation: 4 },
      { state: 'ready', generation: 5 },
    ] as const)
      expect(
        appWith(readingOf(app, running, interest), readingOf(db, { ...moved, dependents: [app.instance] })),
      ).toEqual({
        next: 'stop',
        reason: 'dependency',
      });
  });

  test('with onChange: keep it stays, and only asks for its dependency', () => {
    const keep = { ...spec('app'), dependsOn: [{ service: db.service, onChange: 'keep' as const }] };
    expect(appWith(readingOf(app, running, interest), readingOf(db, { state: 'cold' }), { spec: keep })).toMatchObject({
      next: 'join_dependencies',
    });
  });

  test('idle for long enough it is stopped, not before', () => {
    const idle = (ago: number) => appWith(readingOf(app, { ...running, unwantedAt: now - ago }), readyDb);
    expect(appWith(readingOf(app, running), readyDb)).toMatchObject({ command: { kind: 'note_unwanted' } });
    expect(idle(999)).toEqual({ next: 'watch' });
    expect(idle(1000)).toEqual({ next: 'stop', reason: 'idle' });
  });

  test('in a ledger that may be the wrong side of a partition nothing is ended for want of interest', () => {
    const unconfirmed = { unconfirmed: true } as const;
    const idle = { ...running, unwantedAt: now - 1000 };
    expect(appWith(readingOf(app, idle, unconfirmed), readyDb)).toEqual({ next: 'watch' });
    expect(appWith(readingOf(app, idle, { ...unconfirmed, lease: { owner: 'me', until: now + 1 } }), readyDb)).toEqual({
      next: 'nothing',
    });
    const abandoned = { state: 'starting', attempt: 1 } as const;
    expect(appWith(readingOf(app, abandoned), readyDb)).toEqual({ next: 'stop', reason: 'cancelled' });
    // Nor is it started anew where nobody wants it.
    expect(appWith(readingOf(app, abandoned, unconfirmed), readyDb)).toEqual({ next: 'nothing' });
    // What is said there is done: somebody wants it, or it was seen to end.
    expect(appWith(readingOf(app, abandoned, { ...unconfirmed, ...interest }), readyDb)).toMatchObject({
      next: 'enqueue_start',
    });
    expect(appWith(readingOf(app, { state: 'lost' }, unconfirmed), readyDb)).toEqual({ next: 'stop', reason: 'lost' });
  });

  test('lost, what may still run is stopped before anything else', () => {
    expect(appWith(readingOf(app, { state: 'lost' }, interest), readyDb)).toEqual({ next: 'stop', reason: 'lost' });
  });
});

describe('who must look again', () => {
  test('dependents hear of ready, lost and failed, also when the failure forgets them', () => {
    const before = recordOf(db, { state: 'starting', dependents: [app.instance] });
    expect(wakesAfter(before, { ...before, state: 'ready' })).toEqual([app.instance]);
    expect(wakesAfter(before, { ...before, state: 'failed', dependents: [] })).toEqual([app.instance]);
    expect(wakesAfter(before, { ...before, progress: { phase: 'x' } })).toEqual([]);
  });

  test('an instance leaves its dependencies when it failed or nobody wants it, not while it is started again', () => {
    const stopping = { state: 'stopping' } as const;
    const cold = recordOf(app, { state: 'cold' });
    expect(leavesDependencies(readingOf(app, stopping), cold)).toBe(true);
    expect(leavesDependencies(readingOf(app, stopping, interest), cold)).toBe(false);
    expect(
      leavesDependencies(readingOf(app, { state: 'starting' }, interest), recordOf(app, { state: 'failed' })),
    ).toBe(true);
  });
});
