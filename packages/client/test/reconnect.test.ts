import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultReconnect, ReconnectPolicy } from '../src/reconnect.ts';

const almostOne = 1 - Number.EPSILON;

describe('the pause before a reconnect', () => {
  it('has a ceiling that doubles up to a bound, and ends after so many attempts', () => {
    const policy = new ReconnectPolicy(
      { baseMs: 100, maxMs: 500, attempts: 6 },
      () => almostOne,
      () => 0,
    );
    policy.welcomed();
    const pauses = [1, 2, 3, 4, 5, 6].map(() => policy.pauseAfter(1006));
    expect(pauses.map((ms) => ms && Math.round(ms))).toEqual([100, 200, 400, 500, 500, undefined]);
  });

  it('is anything from 0 to that ceiling', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: almostOne, noNaN: true }),
        fc.integer({ min: 1, max: 4 }),
        (random, fails) => {
          const policy = new ReconnectPolicy(
            true,
            () => random,
            () => 0,
          );
          let last: number | undefined;
          for (let n = 0; n < fails; n += 1) last = policy.pauseAfter(1006);
          expect(last).toBeCloseTo(random * defaultReconnect.baseMs * 2 ** (fails - 1));
        },
      ),
    );
  });

  it('counts anew after a connection that lasted, and not after one that did not', () => {
    let now = 0;
    const policy = new ReconnectPolicy(
      { attempts: 3, stableMs: 1000 },
      () => 0,
      () => now,
    );
    for (let n = 0; n < 20; n += 1) {
      policy.welcomed();
      now += 1000;
      expect(policy.pauseAfter(1006)).toBe(0);
    }
    policy.welcomed();
    now += 999;
    expect(policy.pauseAfter(1006)).toBe(0);
    expect(policy.pauseAfter(1006)).toBeUndefined();
  });

  it('is given for about half a minute before the first welcome, and for about two minutes after it', () => {
    const patienceMs = (welcomed: boolean): number => {
      const policy = new ReconnectPolicy(
        true,
        () => 0.5,
        () => 0,
      );
      if (welcomed) policy.welcomed();
      let sum = 0;
      for (let ms = policy.pauseAfter(1006); ms !== undefined; ms = policy.pauseAfter(1006)) sum += ms;
      return sum;
    };
    expect(patienceMs(false)).toBeGreaterThan(25_000);
    expect(patienceMs(true)).toBeGreaterThan(100_000);
    expect(patienceMs(true)).toBeLessThan(180_000);
  });

  it('does not count what fails without a network', () => {
    const policy = new ReconnectPolicy(
      { attempts: 3, initialAttempts: 3 },
      () => 0.5,
      () => 0,
    );
    for (let n = 0; n < 100; n += 1) expect(policy.pauseAfter(1006, true)).toBe(defaultReconnect.baseMs / 2);
    expect([1, 2, 3].map(() => policy.pauseAfter(1006))).toEqual([100, 200, undefined]);
  });

  it('is the one that a draining edge asked for, once', () => {
    const policy = new ReconnectPolicy(
      true,
      () => 0,
      () => 0,
    );
    policy.welcomed();
    policy.hint({ reconnectInMs: 1234 });
    expect(policy.pauseAfter(1012)).toBe(1234);
    expect(policy.pauseAfter(1006)).toBe(0);
  });

  it('is at least what an edge asked for that cannot serve now', () => {
    const policy = new ReconnectPolicy(
      true,
      () => 0.5,
      () => 0,
    );
    policy.welcomed();
    policy.hint({ retryAfterMs: 3000 });
    expect(policy.pauseAfter(1013)).toBe(3000 + defaultReconnect.baseMs / 2);
  });

  it('is never made longer than ten minutes by an edge', () => {
    const policy = new ReconnectPolicy(
      true,
      () => 0,
      () => 0,
    );
    policy.hint({ reconnectInMs: 1e12 });
    expect(policy.pauseAfter(1012)).toBe(600_000);
  });
});
