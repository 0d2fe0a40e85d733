import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Command, type Commit, cooldownOf, timing, transition } from '../../src/index.ts';
import { app, failure, now, readingOf, spec } from './situations.ts';

const policy = { retry: spec('app').retry, cooldownMs: 15_000, random: 0 };
const want: Command = { kind: 'want', identity: app, origin: undefined };
const fail: Command = { kind: 'attempt_failed', epoch: 1, failure, policy };
const endpoint = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 };
const ready: Command = { kind: 'ready', epoch: 1, owner: 'me', endpoint, publicKey: 'k' };
const memoryMs = timing.strikeMemoryMs.value;
const windowMs = timing.stabilityWindowMs.value;

type Fields = Parameters<typeof readingOf>[1];

function made(fields: Fields, command: Command, more?: Parameters<typeof readingOf>[2]) {
  const result = transition(readingOf(app, fields, more), command);
  if ('refused' in result) throw new Error(result.refused);
  return result.record;
}

const struck = (count: number, loop = false) => ({ count, until: now + memoryMs, loop });

test('the first failure is remembered for cooldownMs, those that follow longer, each below the ceiling', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 86_400_000 }),
      fc.integer({ min: 1, max: 1000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (cooldownMs, count, random) => {
        const ms = cooldownOf(cooldownMs, count, random);
        expect(ms).toBeGreaterThanOrEqual(cooldownMs);
        expect(ms).toBeLessThanOrEqual(Math.max(cooldownMs, timing.cooldownCeilingMs.value));
        if (count === 1) expect(ms).toBe(cooldownMs);
        expect(cooldownOf(cooldownMs, count + 1, random)).toBeGreaterThanOrEqual(ms);
      },
    ),
  );
});

describe('after a failure', () => {
  const failed = made({ state: 'starting', epoch: 1, generation: 1, attempt: 3 }, fail);

  test('the next generation is one trial: one attempt, whose failure is the next cooldown', () => {
    expect(failed).toMatchObject({ state: 'failed', cooldownUntil: now + 15_000, strikes: { count: 1, loop: false } });
    const trial = made({ ...failed, cooldownUntil: now }, want);
    expect(trial).toMatchObject({ state: 'waiting', attempt: 0, strikes: { count: 1 } });
    const again = made(
      { ...trial, state: 'starting', epoch: 1, attempt: 1 },
      { ...fail, policy: { ...policy, random: 0.5 } },
    );
    expect(again).toMatchObject({ state: 'failed', strikes: { count: 2 }, failure: { retryAfterMs: 22_500 } });
    expect(again.cooldownUntil).toBe(now + 22_500);
  });

  test('it is a trial too when nobody came back before its cooldown was over and the record went cold', () => {
    const cold = made(failed, { kind: 'cancel' });
    expect(made(cold, want).strikes?.count).toBe(1);
  });

  test('a trial that becomes ready clears it, a start long after it is an ordinary one', () => {
    expect(
      made({ state: 'starting', epoch: 1, generation: 2, attempt: 1, strikes: struck(3) }, ready),
    ).not.toHaveProperty('strikes');
    expect(made({ state: 'cold', generation: 2, strikes: { ...struck(3), until: now } }, want)).not.toHaveProperty(
      'strikes',
    );
  });

  test('a trial that nobody waited for to its end proves nothing', () => {
    const stopping = {
      state: 'stopping',
      epoch: 1,
      generation: 2,
      stopReason: 'cancelled',
      strikes: struck(3),
    } as const;
    expect(made(stopping, { kind: 'stopped', epoch: 1, policy }).strikes?.count).toBe(3);
  });
});

describe('a crash loop', () => {
  const losses = [now - 3000, now - 2000, now - 1000];
  const lost = { state: 'stopping', epoch: 1, generation: 2, stopReason: 'lost', failure, losses } as const;
  const stopped: Command = { kind: 'stopped', epoch: 1, policy: { ...policy, random: 0.999 } };

  test('is a strike that readiness alone does not clear', () => {
    const failed = made(lost, stopped);
    expect(failed).toMatchObject({
      state: 'failed',
      failure: { code: 'crash_loop' },
      strikes: { count: 1, loop: true },
    });
    const trial = made({ state: 'starting', epoch: 1, generation: 3, attempt: 1, strikes: struck(1, true) }, ready);
    expect(trial.strikes).toMatchObject({ count: 1 });
  });

  test('goes on when its trial is lost again within the stability window, and cools down for longer', () => {
    const again = made({ ...lost, losses: [now - 1], strikes: struck(1, true) }, stopped);
    expect(again).toMatchObject({
      state: 'failed',
      failure: { code: 'crash_loop' },
      strikes: { count: 2, loop: true },
    });
    expect(again.failure?.message).toBe('Db was lost again within 60 s: exit code 1');
    expect(again.failure?.retryAfterMs).toBeGreaterThan(29_000);
  });

  test('is over once a generation was ready for as long as the window', () => {
    const lose: Command = { kind: 'lose', failure };
    const ready = (readyAt: number) =>
      ({ state: 'ready', generation: 3, timings: { readyAt }, strikes: struck(4, true) }) as const;
    expect(made(ready(now - windowMs + 1), lose).strikes?.count).toBe(4);
    expect(made(ready(now - windowMs), lose)).not.toHaveProperty('strikes');
  });

  test('one loss after another with the window between them is none', () => {
    const record = made(
      { ...lost, losses: [now - 2 * windowMs, now - windowMs, now - 1] },
      stopped,
    ) as Commit['record'];
    expect(record.state).toBe('cold');
  });
});
