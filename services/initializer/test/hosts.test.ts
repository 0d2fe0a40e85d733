import { type Member, type Members, BrokerUnavailable } from '@reveille/orchestration';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Hosts, memberTtlMs } from '../src/subject/hosts.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

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

test('without an outage a host whose announcement ran out is dead', async () => {
  let alive = [there];
  const hosts = new Hosts({ alive: async () => alive } as unknown as Members, 'here');
  expect(await hosts.mayActOn('there')).toBe(false);
  alive = [];
  vi.advanceTimersByTime(1001);
  expect(await hosts.mayActOn('there')).toBe(true);
  expect(await hosts.mayActOn('here')).toBe(true);
});
