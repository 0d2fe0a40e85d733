import { expect, test } from 'vitest';
import {
  decide,
  nextCommit,
  readingAfter,
  readingInstead,
  transition,
  type Reading,
  type Situation,
} from '../../src/index.ts';
import { app, db, interest, readingOf, spec } from './situations.ts';

function situation(dependency: Reading): Situation {
  return {
    reading: readingOf(app, undefined, interest),
    dependencies: [dependency],
    former: [],
    identity: app,
    spec: spec('app'),
    self: { owner: 'me', host: 'here' },
    aliveHosts: new Set(['here']),
    origin: undefined,
  };
}

function committed(of: Situation) {
  const decision = decide(of);
  if (decision.next !== 'commit') throw new Error(`decided ${decision.next}`);
  const commit = nextCommit(of, decision.command);
  if ('refused' in commit) throw new Error(commit.refused);
  return commit;
}

test('what is wanted and needs nothing more is queued by the commit that makes it wanted, on the token that was read', () => {
  const of = situation(readingOf(db, { state: 'ready', generation: 4, dependents: [app.instance] }));
  const { expected, change, record } = committed(of);
  expect(expected).toBe(of.reading.token);
  expect(change).toBe('queued');
  expect(record).toMatchObject({ state: 'queued', dependencyGenerations: { [db.instance]: 4 } });
  expect(record.revision).toBeGreaterThan(expected);
  expect(record.timings).toEqual({ wantedAt: of.reading.now, queuedAt: of.reading.now });
});

test('what has to wait for something is said to wait', () => {
  for (const state of ['starting', 'cold', 'ready'] as const) {
    // Ready, but not told that something is about to run on it.
    const { change, record } = committed(situation(readingOf(db, { state })));
    expect([change, record.state]).toEqual(['wanted', 'waiting']);
  }
});

test('what a commit leaves is the reading that would be read', () => {
  const of = situation(readingOf(db, { state: 'ready', generation: 4, dependents: [app.instance] }));
  const commit = committed({ ...of, reading: { ...of.reading, announced: { initialization: 'i' } as never } });
  const after = readingAfter(of.reading, { ...commit, lease: { owner: 'me', ttlMs: 8000 } }, { token: 7, now: 1000 });
  expect(after).toMatchObject({ token: 7, now: 1000, lease: { owner: 'me', until: 9000 }, record: commit.record });
  expect(readingAfter(after, { ...commit, lease: 'release' }, { token: 8, now: 1001 }).lease).toBeUndefined();
  expect(after).not.toHaveProperty('announced');
});

test('what is claimed instead of queued is claimed on the token that was read, and rises above it', () => {
  const of = situation(readingOf(db, { state: 'ready', generation: 4, dependents: [app.instance] }));
  const queued = readingInstead(of.reading, committed(of));
  expect(decide({ ...of, reading: queued })).toMatchObject({ next: 'enqueue_start', attempt: 1, delayMs: 0 });
  const claim = transition(queued, { kind: 'claim', owner: 'me', host: undefined, name: 'run', attempts: 3 });
  expect(claim).toMatchObject({
    expected: of.reading.token,
    change: 'claimed',
    record: { state: 'starting', attempt: 1 },
  });
  if ('refused' in claim) throw new Error(claim.refused);
  expect(claim.record.revision).toBeGreaterThan(of.reading.token);
  expect(claim.record.timings).toMatchObject({ wantedAt: of.reading.now, queuedAt: of.reading.now });
});
