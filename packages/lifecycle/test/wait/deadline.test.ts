import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DeadlineExceeded, raceAbort, sleep, withDeadline } from '../../src/index.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const never = new Promise<never>(() => undefined);

describe('a wait with a deadline', () => {
  test('gives what the work gives', async () => {
    await expect(withDeadline(Promise.resolve(7), 1000)).resolves.toBe(7);
    await expect(withDeadline(Promise.reject(new RangeError('no')), 1000)).rejects.toThrow(RangeError);
  });

  test('ends at the deadline, says what was waited for, and tells the work to stop', async () => {
    let seen: AbortSignal | undefined;
    const wait = withDeadline((signal) => ((seen = signal), never), 250, { reason: 'first probe' });
    const outcome = expect(wait).rejects.toThrow('first probe: not done within 250 ms');
    await vi.advanceTimersByTimeAsync(249);
    expect(seen?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen?.reason).toBeInstanceOf(DeadlineExceeded);
    await outcome;
  });

  test('ends with the reason of the outer signal', async () => {
    const outer = new AbortController();
    const wait = withDeadline(() => never, 1000, { signal: outer.signal });
    outer.abort(new Error('draining'));
    await expect(wait).rejects.toThrow('draining');
  });

  test('does not begin when the outer signal has aborted already', async () => {
    const work = vi.fn(() => never);
    await expect(withDeadline(work, 1000, { signal: AbortSignal.abort(new Error('over')) })).rejects.toThrow('over');
    expect(work).not.toHaveBeenCalled();
  });

  test('leaves no unhandled rejection behind when the work fails after the wait was given up', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const over = AbortSignal.abort(new Error('over'));
    const [waited, raced] = [Promise.withResolvers<never>(), Promise.withResolvers<never>()];
    await expect(withDeadline(waited.promise, 1000, { signal: over })).rejects.toThrow('over');
    await expect(raceAbort(raced.promise, over)).rejects.toThrow('over');
    waited.reject(new Error('too late'));
    raced.reject(new Error('too late'));
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    vi.useFakeTimers();
  });
});

describe('a race against an abort', () => {
  test('takes its listener away when the promise wins', async () => {
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, 'removeEventListener');
    await expect(raceAbort(Promise.resolve('won'), signal)).resolves.toBe('won');
    expect(remove).toHaveBeenCalledTimes(1);
  });

  test('is the promise itself without a signal', async () => {
    await expect(raceAbort(Promise.resolve(1), undefined)).resolves.toBe(1);
  });
});

describe('a sleep', () => {
  test('ends after its time', async () => {
    const slept = vi.fn();
    void sleep(100).then(slept);
    await vi.advanceTimersByTimeAsync(99);
    expect(slept).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(slept).toHaveBeenCalled();
  });

  test('is cut short by its signal and leaves no timer', async () => {
    const stop = new AbortController();
    const slept = sleep(60_000, stop.signal);
    stop.abort(new Error('woken'));
    await expect(slept).rejects.toThrow('woken');
    await expect(sleep(60_000, stop.signal)).rejects.toThrow('woken');
  });
});
