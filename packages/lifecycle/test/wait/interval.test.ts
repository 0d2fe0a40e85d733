import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { interval } from '../../src/index.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const unexpected = (error: unknown): never => {
  throw error;
};

describe('a loop at an interval', () => {
  test('never overlaps: the pause begins when the run has ended', async () => {
    const runs: PromiseWithResolvers<void>[] = [];
    const loop = interval(100, () => (runs.push(Promise.withResolvers<void>()), runs.at(-1)?.promise), {
      onError: unexpected,
    });
    await vi.advanceTimersByTimeAsync(1000);
    expect(runs).toHaveLength(1);
    runs[0]?.resolve();
    await vi.advanceTimersByTimeAsync(99);
    expect(runs).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toHaveLength(2);
    runs[1]?.resolve();
    await loop[Symbol.asyncDispose]();
  });

  test('hands over every error and goes on', async () => {
    const onError = vi.fn();
    let run = 0;
    const fail = (): never => {
      run += 1;
      throw new Error(`run ${run}`);
    };
    const loop = interval(10, fail, { onError });
    await vi.advanceTimersByTimeAsync(30);
    expect(onError.mock.calls.map(([error]) => (error as Error).message)).toEqual(['run 1', 'run 2', 'run 3']);
    await loop[Symbol.asyncDispose]();
  });

  test('runs at once when told so', async () => {
    const fn = vi.fn();
    const loop = interval(1000, fn, { onError: unexpected, immediate: true });
    await vi.advanceTimersByTimeAsync(0);
    expect(fn).toHaveBeenCalledTimes(1);
    await loop[Symbol.asyncDispose]();
  });

  test('spreads its pauses by the jitter', async () => {
    const fn = vi.fn();
    const loop = interval(100, fn, { onError: unexpected, jitter: 0.5, random: () => 0 });
    await vi.advanceTimersByTimeAsync(49);
    expect(fn).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(fn).toHaveBeenCalledTimes(1);
    await loop[Symbol.asyncDispose]();
  });

  test('aborts the run under way when disposed, waits for it, and does not report that abort', async () => {
    const onError = vi.fn();
    const closed = Promise.withResolvers<void>();
    const fn = async (signal: AbortSignal): Promise<never> => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await closed.promise;
      throw signal.reason as Error;
    };
    const loop = interval(10, fn, { onError });
    await vi.advanceTimersByTimeAsync(10);
    const disposed = vi.fn();
    const done = loop[Symbol.asyncDispose]().then(disposed);
    await vi.advanceTimersByTimeAsync(10);
    expect(disposed).not.toHaveBeenCalled();
    closed.resolve();
    await done;
    expect(onError).not.toHaveBeenCalled();
  });

  test('ends with its signal', async () => {
    const stop = new AbortController();
    const fn = vi.fn();
    interval(10, fn, { onError: unexpected, signal: stop.signal });
    stop.abort();
    await vi.advanceTimersByTimeAsync(100);
    expect(fn).not.toHaveBeenCalled();
  });
});
