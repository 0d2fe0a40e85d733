import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DeadlineExceeded, Scope, ScopeDisposed, sleep } from '../../src/index.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const never = new Promise<never>(() => undefined);

describe('a scope', () => {
  test('disposes in reverse order, each after the one before has ended', async () => {
    const order: string[] = [];
    const scope = new Scope();
    const slow = Promise.withResolvers<void>();
    scope.use({ [Symbol.dispose]: () => void order.push('first') });
    scope.use({
      async [Symbol.asyncDispose]() {
        order.push('second begins');
        await slow.promise;
        order.push('second ends');
      },
    });
    scope.defer(() => void order.push('third'));
    const done = scope.dispose();
    await vi.advanceTimersByTimeAsync(10);
    expect(order).toEqual(['third', 'second begins']);
    slow.resolve();
    await done;
    expect(order).toEqual(['third', 'second begins', 'second ends', 'first']);
  });

  test('gives back what it is given', () => {
    const resource = { port: 1, [Symbol.dispose]: () => undefined };
    expect(new Scope().use(resource).port).toBe(1);
  });

  test('gives every disposal its turn and collects all errors', async () => {
    const scope = new Scope();
    const last = vi.fn();
    scope.defer(last);
    scope.defer(() => Promise.reject(new Error('socket')));
    scope.defer(() => {
      throw new Error('file');
    });
    const error: unknown = await scope.dispose().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).errors.map(String)).toEqual(['Error: file', 'Error: socket']);
    expect(last).toHaveBeenCalled();
  });

  test('goes past one that hangs, names it, and leaves time for the others within the bound of all', async () => {
    const scope = new Scope({ disposeMs: 60_000 });
    const last = vi.fn();
    scope.defer(() => sleep(100).then(last), 'last');
    scope.defer(() => never, 'listener');
    const outcome = scope.dispose({ totalMs: 1000 }).catch((reason: unknown) => reason);
    await vi.advanceTimersByTimeAsync(1000);
    const error = (await outcome) as AggregateError;
    expect(error.errors).toHaveLength(1);
    expect(error.errors[0]).toBeInstanceOf(DeadlineExceeded);
    expect(String(error.errors[0])).toContain('stopping listener');
    expect(last).toHaveBeenCalled();
  });

  test('is disposed once, however often it is asked', async () => {
    const scope = new Scope();
    const dispose = vi.fn();
    scope.defer(dispose);
    await Promise.all([scope.dispose(), scope[Symbol.asyncDispose]()]);
    await scope.dispose();
    expect(dispose).toHaveBeenCalledTimes(1);
  });

  test('disposes at once what comes too late, waits for it, and tells the one who brought it', async () => {
    const scope = new Scope();
    const opened = Promise.withResolvers<void>();
    scope.defer(() => opened.promise);
    const disposed = vi.fn();
    const done = scope.dispose().then(disposed);
    const closed = vi.fn();
    const late = { [Symbol.asyncDispose]: () => sleep(50).then(closed) };
    expect(() => scope.use(late)).toThrow(ScopeDisposed);
    opened.resolve();
    await vi.advanceTimersByTimeAsync(49);
    expect(disposed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await done;
    expect(closed).toHaveBeenCalled();
  });
});
