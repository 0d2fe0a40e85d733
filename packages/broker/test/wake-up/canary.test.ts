import { expect, test, vi } from 'vitest';
import { silentLogger } from '../../src/logger.ts';
import { Canary, type Stuck } from '../../src/wake-up/canary.ts';
import { Inbox } from '../conformance/inbox.ts';

const times = { lookEveryMs: 20, canaryAfterMs: 60_000, stuckAfterMs: 200, silentAfterMs: 400 };

/** A canary of a consumer that a test makes up; `looks` counts its looks. */
function watched(consumer: { taken: number; fetches: number; hasRoom: boolean; isConnected: boolean }, of = times) {
  const [stuck, looks] = [new Inbox<Stuck>(), new Inbox<number>()];
  const canary = new Canary({
    ...{ times: of, logger: silentLogger, onStuck: stuck.put, onFetched: () => undefined, add: async () => undefined },
    consumer: () => consumer,
    waiting: async () => {
      looks.put(looks.all.length);
      return 0;
    },
  });
  return { stuck, looks, [Symbol.asyncDispose]: () => canary[Symbol.asyncDispose]() };
}

const idle = { taken: 0, fetches: 1, hasRoom: true, isConnected: true };

test('no fetch that comes back, with room and connections, is silence, whatever waits', async () => {
  await using canary = watched(idle);
  expect((await canary.stuck.count(1))[0]?.by).toBe('silence');
});

test('who is given each job with the answer to the one before fetches nothing, and is not silent', async () => {
  const busy = { ...idle };
  await using canary = watched({
    ...idle,
    get taken() {
      return (busy.taken += 1);
    },
  });
  await canary.looks.count((3 * times.silentAfterMs) / times.lookEveryMs);
  expect(canary.stuck.all).toEqual([]);
});

test('neither is one without room, nor one that has lost its connection', async () => {
  await using full = watched({ ...idle, hasRoom: false });
  await using cut = watched({ ...idle, isConnected: false });
  const enough = (3 * times.silentAfterMs) / times.lookEveryMs;
  await Promise.all([full.looks.count(enough), cut.looks.count(enough)]);
  expect([full.stuck.all, cut.stuck.all]).toEqual([[], []]);
});

test('a process that stood still was not silent meanwhile', async () => {
  const now = performance.now.bind(performance);
  let stoodMs = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + stoodMs);
  try {
    await using canary = watched(idle, { ...times, stuckAfterMs: 5000, silentAfterMs: 20_000 });
    await canary.looks.count(3);
    stoodMs = 60_000;
    await canary.looks.count(6);
    expect(canary.stuck.all).toEqual([]);
  } finally {
    clock.mockRestore();
  }
});
