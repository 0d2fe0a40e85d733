import type { InstanceKey, LedgerRecord } from '@reveille/contracts';
import { describe, expect, test } from 'vitest';
import { type Command, type Commit, decide, runsOf, type Situation, transition, wakesAfter } from '../../src/index.ts';
import { app, db, failure, interest, now, readingOf, spec } from './situations.ts';

const rolling = { ...spec('app'), update: 'rolling' } as const;
const newer = { ...app, definition: 'new' };
const lease = { owner: 'me', until: now + 5000 };
const on = (generation: number) => ({ [db.instance]: generation }) as Record<InstanceKey, number>;
const base = { state: 'ready', generation: 8, epoch: 3, definition: 'old', dependencyGenerations: on(4) } as const;
const dbAt = (generation: number, more: Partial<LedgerRecord> = {}) =>
  readingOf(db, { state: 'ready', generation, dependents: [app.instance], ...more });

const reading = (more: Partial<LedgerRecord> = {}, held = lease) =>
  readingOf(app, { ...base, ...more }, { ...interest, lease: held });
function next(more: Partial<LedgerRecord> = {}, situation: Partial<Situation> = {}) {
  return decide({
    reading: reading(more),
    dependencies: [dbAt(4)],
    former: [],
    identity: newer,
    spec: rolling,
    self: { owner: 'me', host: 'here' },
    aliveHosts: new Set(['here']),
    origin: undefined,
    ...situation,
  });
}
const claim: Command = {
  ...{ kind: 'claim_successor', identity: newer, owner: 'me', host: undefined, dependencyGenerations: on(4) },
  ...{ attempts: 3, cooldownMs: 1000 },
};
const claimed = (from = reading()) => transition(from, claim) as Commit;
const policy = { retry: rolling.retry, cooldownMs: 15_000, random: 0.5 };
const endpoint = { url: 'http://127.0.0.1:2', host: '127.0.0.1', port: 2 };
const taken = { kind: 'successor_ready', owner: 'me', endpoint, publicKey: 'k', drainMs: 60_000 } as const;
const draining = { generation: 7, intent: { name: 'old' }, edges: ['edge1'], until: now + 1000, over: false };

describe('a new version of what is in use', () => {
  test('is started beside it by whoever watches it, and by nobody else', () => {
    expect(next()).toEqual({ next: 'start_successor', dependencyGenerations: on(4) });
    expect(next({}, { reading: reading({}, { ...lease, owner: 'other' }) })).toEqual({ next: 'nothing' });
    expect(next({}, { identity: { ...app, definition: 'old' } })).toEqual({ next: 'nothing' });
    for (const update of ['idle', 'manual'] as const)
      expect(next({}, { spec: { ...rolling, update } }), update).toEqual({ next: 'nothing' });
    expect(transition(reading({}, { ...lease, owner: 'other' }), claim)).toMatchObject({ refused: 'lease_held' });
  });

  test('waits for what it needs, and until that has been replaced itself', () => {
    expect(next({}, { dependencies: [readingOf(db, { state: 'starting', dependents: [app.instance] })] })).toEqual({
      next: 'stop',
      reason: 'dependency',
    });
    const declared = [{ definition: 'new', update: 'rolling' }] as const;
    expect(next({}, { dependencies: [dbAt(4, { definition: 'old' })], declared })).toEqual({ next: 'nothing' });
    const successor = { ...(claimed().record.successor as NonNullable<LedgerRecord['successor']>), failed: true };
    const stuck = dbAt(4, { definition: 'old', successor });
    expect(next({}, { dependencies: [stuck], declared })).toMatchObject({ next: 'start_successor' });
  });

  test('serves nobody until it is ready; then it takes what is new, and the one before keeps what it has', () => {
    const { record, lease: kept } = claimed();
    expect(record).toMatchObject({ generation: 8, definition: 'old', successor: { attempt: 1, definition: 'new' } });
    expect(kept).toMatchObject({ owner: 'me' });
    const epoch = record.successor?.epoch ?? 0;
    expect(epoch).toBeGreaterThan(3);
    const from = readingOf(app, record, { ...interest, lease });
    expect(transition(from, { ...taken, epoch: epoch - 1 })).toMatchObject({ refused: 'epoch' });
    const { record: after } = transition(from, { ...taken, epoch }) as Commit;
    expect(after).toMatchObject({
      ...{ state: 'ready', generation: record.successor?.generation, epoch, endpoint, definition: 'new' },
      draining: { generation: 8, edges: ['edge1'], until: now + 60_000, over: false },
    });
    expect(after.successor).toBeUndefined();
    expect(runsOf(after).map(({ generation }) => generation)).toEqual([after.generation, 8]);
    expect(wakesAfter({ ...record, dependents: [db.instance] }, { ...after, dependents: [db.instance] })).toEqual([
      db.instance,
    ]);
  });

  test('that fails is tried again, then remembered as failed, and the one that serves goes on', () => {
    let at = reading();
    for (const attempt of [1, 2]) {
      const { record } = claimed(at);
      expect(record.successor?.attempt).toBe(attempt);
      const failed = { kind: 'successor_failed', epoch: record.successor?.epoch ?? 0, failure, policy } as const;
      const after = (transition(readingOf(app, record, { ...interest, lease }), failed) as Commit).record;
      expect(after).toMatchObject({ state: 'ready', generation: 8, successor: { failure } });
      expect(next(after)).toEqual({ next: 'nothing' });
      at = readingOf(app, after, { ...interest, lease, now: now + 60_000, nowUs: (now + 60_000) * 1000 });
    }
    const { record } = claimed(at);
    const last = { kind: 'successor_failed', epoch: record.successor?.epoch ?? 0, failure, policy } as const;
    const { successor } = (transition(readingOf(app, record, { ...interest, lease }), last) as Commit).record;
    expect(successor).toMatchObject({ failed: true, notBefore: now + 15_000, strikes: { count: 1 } });
    // Later as a trial in a generation of its own; a better version at once.
    expect(next({ successor: { ...successor!, notBefore: now } })).toMatchObject({ next: 'start_successor' });
    expect(next({ successor: successor! }, { identity: { ...app, definition: 'better' } })).toEqual({
      next: 'drop_successor',
    });
    const trial = claimed(reading({ successor: { ...successor!, notBefore: now } })).record.successor;
    expect(trial).toMatchObject({ attempt: 1, strikes: { count: 1 } });
    expect(trial?.generation).toBeGreaterThan(successor?.generation ?? 0);
  });

  test('is dropped when the catalog takes it back, or what it was started on has been replaced', () => {
    const { record } = claimed();
    expect(next(record, { identity: { ...app, definition: 'old' } })).toEqual({ next: 'drop_successor' });
    const moved = dbAt(9, { draining: { ...draining, generation: 4 } });
    expect(next(record, { dependencies: [moved] })).toEqual({ next: 'drop_successor' });
  });

  test('needs further services first, which are left again when it is not wanted any more', () => {
    const cache = { ...db, instance: 'cache~global' as InstanceKey };
    const identity = { ...newer, dependencies: [db.instance, cache.instance] };
    const both = { identity, dependencies: [dbAt(4), readingOf(cache, undefined)] };
    expect(next({}, both)).toEqual({
      next: 'commit',
      command: { kind: 'need_also', dependencies: [cache.instance] },
    });
    const noted = { dependencies: [db.instance, cache.instance] };
    expect(next(noted, both)).toEqual({ next: 'join_dependencies', dependencies: [cache.instance] });
    const former = [readingOf(cache, { state: 'ready', dependents: [app.instance] })];
    expect(next(noted, { identity: { ...app, definition: 'old' }, former })).toEqual({
      next: 'leave_dependencies',
      dependencies: [cache.instance],
    });
  });
});

describe('the generation before', () => {
  const replaced = { definition: 'new', draining };

  test('ends when no edge has a session on it, when such edges are gone, or when its time is over', () => {
    const end = { next: 'end_drain' };
    expect(next(replaced)).toEqual({ next: 'nothing' });
    expect(next({ ...replaced, draining: { ...draining, edges: [] } })).toEqual(end);
    expect(next({ ...replaced, draining: { ...draining, edges: ['gone'] } })).toEqual(end);
    expect(next({ ...replaced, draining: { ...draining, until: now } })).toEqual(end);
    expect(next({ ...replaced, draining: { ...draining, over: true } })).toEqual(end);
    const left = { kind: 'leave_draining', edge: 'edge1', generation: 7 } as const;
    expect((transition(reading(replaced), left) as Commit).record.draining?.edges).toEqual([]);
    expect(transition(reading(replaced), { ...left, generation: 6 })).toMatchObject({ refused: 'no_change' });
  });

  test('has its whole time when something was started on it', () => {
    const dependents = { dependents: ['other~global' as InstanceKey], draining: { ...draining, edges: [] } };
    expect(next({ ...replaced, ...dependents })).toEqual({ next: 'nothing' });
  });

  test('is ended before another one begins', () => {
    expect(next({ ...replaced, definition: 'old' })).toEqual({ next: 'nothing' });
    expect(transition(reading({ draining }), claim)).toMatchObject({ refused: 'no_change' });
  });

  test('of a dependency carries what runs on it until that has been replaced too', () => {
    const same = { identity: { ...app, definition: 'old' } };
    const moved = (over: boolean) => [dbAt(9, { draining: { ...draining, generation: 4, over } })];
    expect(next({}, { ...same, dependencies: moved(false) })).toEqual({
      next: 'start_successor',
      dependencyGenerations: on(9),
    });
    const idle = { ...same, spec: spec('app') };
    expect(next({}, { ...idle, dependencies: moved(false) })).toEqual({ next: 'nothing' });
    expect(next({}, { ...idle, dependencies: moved(true) })).toEqual({ next: 'stop', reason: 'dependency' });
  });
});
