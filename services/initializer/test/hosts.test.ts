import { type Member, type Members, BrokerUnavailable, timing } from '@reveille/orchestration';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sweepJitter } from '../src/reconcile/sweep.ts';
import { announceEveryMs, freshMs, Hosts, memberTtlMs } from '../src/subject/hosts.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const { signal } = new AbortController();
const there: Member = { id: 'i', kind: 'initializer', host: 'there', startedAt: 0 };

test('after an outage in which no announcement could be renewed, other hosts are not taken for dead', async () => {
  let alive: Member[] | Error = [there];
  const read = async () => {
    if (alive instanceof Error) throw alive;
    return alive;
  };
  const hosts = new Hosts({ alive: read } as Members, 'here');
  expect(await hosts.mayActOn('there')).toBe(false);

  alive = new BrokerUnavailable('away');
  hosts.noteOutage();
  await expect(hosts.alive()).rejects.toThrow('away');
  alive = [];
  expect(await hosts.mayActOn('there')).toBe(false);
  vi.advanceTimersByTime(memberTtlMs + 1);
  expect(await hosts.mayActOn('there')).toBe(true);
});

test('a start of a host that died goes on elsewhere within 10 s', () => {
  // The last announcement came just before the end, a look that was not fresh just before it ran out, and the next look is the sweep's.
  const sweepMs = timing.sweepMs.value * (1 + sweepJitter);
  for (const countsAsDeadMs of [memberTtlMs, timing.leaseTtlMs.value])
    expect(countsAsDeadMs + freshMs + sweepMs).toBeLessThan(10_000);
  // A host is not taken for dead because one announcement, and the next one, came to nothing.
  expect(memberTtlMs).toBeGreaterThan(3 * announceEveryMs);
});

test('without an outage a host whose announcement ran out is dead', async () => {
  let alive = [there];
  const hosts = new Hosts({ alive: async () => alive } as unknown as Members, 'here');
  expect(await hosts.mayActOn('there')).toBe(false);
  alive = [];
  vi.advanceTimersByTime(freshMs + 1);
  expect(await hosts.mayActOn('there')).toBe(true);
  expect(await hosts.mayActOn('here')).toBe(true);
});

test('after an outage, and in an emptied ledger, services still get the keys of edges that have not announced themselves again', async () => {
  const edge = (id: string): Member => ({ id, kind: 'edge', edgeKey: `key of ${id}`, startedAt: 0 });
  let alive: Member[] = [edge('e1'), edge('e2')];
  const hosts = new Hosts({ alive: async () => alive } as unknown as Members, 'here');
  expect(await hosts.edgeKeys(signal)).toEqual(['key of e1', 'key of e2']);

  const later = (members: Member[]): void => {
    alive = members;
    vi.advanceTimersByTime(freshMs + 1);
  };
  later([]);
  expect(await hosts.edgeKeys(signal)).toEqual(['key of e1', 'key of e2']);
  later([edge('e1')]);
  expect(await hosts.edgeKeys(signal)).toEqual(['key of e1']);

  hosts.noteOutage();
  later([edge('e2')]);
  expect(new Set(await hosts.edgeKeys(signal))).toEqual(new Set(['key of e1', 'key of e2']));
  vi.advanceTimersByTime(memberTtlMs);
  expect(await hosts.edgeKeys(signal)).toEqual(['key of e2']);
});

test('an initializer that saw no edge before an outage starts nothing until one has announced itself', async () => {
  let alive: Member[] = [];
  let looks = 0;
  const looked = Promise.withResolvers<void>();
  const read = async () => {
    looks += 1;
    if (looks === 3) looked.resolve();
    return alive;
  };
  const hosts = new Hosts({ alive: read } as Members, 'here');
  expect(await hosts.edgeKeys(signal)).toEqual([]);
  hosts.noteOutage();
  const keys = hosts.edgeKeys(signal);
  await looked.promise;
  alive = [{ id: 'e1', kind: 'edge', edgeKey: 'key of e1', startedAt: 0 }];
  expect(await keys).toEqual(['key of e1']);

  const other = new Hosts({ alive: async () => [] as Member[] } as unknown as Members, 'here');
  other.noteOutage();
  const given = new AbortController();
  const waiting = other.edgeKeys(given.signal);
  given.abort(new Error('the lease is lost'));
  await expect(waiting).rejects.toThrow('the lease is lost');
  vi.advanceTimersByTime(memberTtlMs);
  expect(await other.edgeKeys(signal)).toEqual([]);
});
