import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  ConfigError,
  runProcess,
  type FatalOrigin,
  type HostProcess,
  type ProcessContext,
  type RunProcessOptions,
} from '../../src/index.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const never = new Promise<never>(() => undefined);

class FakeHost extends EventEmitter implements HostProcess {
  readonly exits: number[] = [];
  written = '';
  readonly stderr = { write: (text: string) => (this.written += text) };
  exit(code: number): void {
    this.exits.push(code);
  }
}

function run(main: (context: ProcessContext) => Promise<unknown>, options: RunProcessOptions = {}) {
  const host = new FakeHost();
  const fatal: [string, FatalOrigin][] = [];
  let context: ProcessContext | undefined;
  const exited = runProcess(
    'edge',
    (given) => {
      context = given;
      return main(given);
    },
    { process: host, onFatal: (error, origin) => void fatal.push([String(error), origin]), ...options },
  );
  if (context === undefined) throw new Error('main was not called');
  return { host, fatal, exited, context };
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('a process', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'])('drains, disposes and exits 0 on %s', async (signal) => {
    const order: string[] = [];
    const { host, exited, context, fatal } = run(async ({ scope, signal }) => {
      signal.addEventListener('abort', () => order.push('aborted'));
      scope.defer(() => void order.push(`disposed while ${context.health.report().status}`));
    });
    await settle();
    host.emit(signal);
    expect(await exited).toBe(0);
    expect(order).toEqual(['aborted', 'disposed while draining']);
    expect(host.exits).toEqual([0]);
    expect(fatal).toEqual([]);
    expect((context.signal.reason as Error).name).toBe('AbortError');
    expect(host.eventNames()).toEqual([]);
  });

  test('reads again at SIGHUP where it is told to, also for one that came while it was starting', async () => {
    const up = Promise.withResolvers<void>();
    let reloads = 0;
    const main = async ({ onReload }: ProcessContext): Promise<void> => {
      await up.promise;
      onReload(() => void (reloads += 1));
    };
    const { host, exited, context } = run(main, { hangUp: 'reload' });
    host.emit('SIGHUP');
    host.emit('SIGHUP');
    up.resolve();
    await settle();
    expect(reloads).toBe(1);
    host.emit('SIGHUP');
    expect(reloads).toBe(2);
    expect(context.signal.aborted).toBe(false);
    host.emit('SIGTERM');
    expect(await exited).toBe(0);
  });

  test('is not ready until its main has returned', async () => {
    const up = Promise.withResolvers<void>();
    const { host, context, exited } = run(() => up.promise);
    await settle();
    expect(context.health.report()).toEqual({ status: 'unready', failing: [{ name: 'start', reason: 'starting' }] });
    up.resolve();
    await settle();
    expect(context.health.report().status).toBe('ready');
    host.emit('SIGTERM');
    await exited;
  });

  test('exits at once on a second signal, by its number', async () => {
    const { host, exited } = run(async ({ scope }) => scope.defer(() => never, 'listener'), { drainMs: 10_000 });
    await settle();
    host.emit('SIGTERM');
    await vi.advanceTimersByTimeAsync(600);
    host.emit('SIGINT');
    expect(await exited).toBe(130);
    expect(host.exits[0]).toBe(130);
    await vi.advanceTimersByTimeAsync(10_000);
  });

  test('takes one Ctrl-C that npm has doubled for one', async () => {
    const disposed = Promise.withResolvers<void>();
    const { host, exited } = run(async ({ scope }) => scope.defer(() => disposed.promise));
    await settle();
    host.emit('SIGINT');
    host.emit('SIGINT');
    await vi.advanceTimersByTimeAsync(20);
    host.emit('SIGINT');
    expect(host.exits).toEqual([]);
    disposed.resolve();
    expect(await exited).toBe(0);
  });

  test('reports a wrong configuration on standard error, disposes what was started, and exits 2', async () => {
    const dispose = vi.fn();
    const { host, exited, fatal } = run(async ({ scope }) => {
      scope.defer(dispose);
      throw new ConfigError([{ name: 'PORT', found: '"x"', expected: 'a whole number' }]);
    });
    expect(await exited).toBe(2);
    expect(host.written).toBe(
      'edge: Configuration refused: 1 setting is wrong.\n  PORT  found "x"; expected a whole number\n',
    );
    expect(dispose).toHaveBeenCalled();
    expect(fatal).toEqual([]);
  });

  test('reports a failed start, disposes what was started, and exits 1', async () => {
    const dispose = vi.fn();
    const { exited, fatal } = run(async ({ scope }) => {
      scope.defer(dispose);
      throw new Error('port taken');
    });
    expect(await exited).toBe(1);
    expect(fatal).toEqual([['Error: port taken', 'start']]);
    expect(dispose).toHaveBeenCalled();
  });

  test('takes a start that was cut short by the stop for an orderly end', async () => {
    const { host, exited, fatal } = run(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    );
    host.emit('SIGTERM');
    expect(await exited).toBe(0);
    expect(fatal).toEqual([]);
  });

  test('still reports an error of a start that only happened to fail during the stop', async () => {
    const { host, exited, fatal } = run(
      ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('disk full')));
        }),
    );
    host.emit('SIGTERM');
    expect(await exited).toBe(1);
    expect(fatal).toEqual([['Error: disk full', 'start']]);
  });

  test('waits half of its time for a start that does not give up, then disposes beneath it', async () => {
    const dispose = vi.fn();
    const { host, exited, fatal } = run(
      ({ scope }) => {
        scope.defer(dispose);
        return never;
      },
      { drainMs: 1000 },
    );
    host.emit('SIGTERM');
    await vi.advanceTimersByTimeAsync(499);
    expect(dispose).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(dispose).toHaveBeenCalled();
    expect(await exited).toBe(1);
    expect(fatal[0]?.[0]).toContain('start to give up');
  });

  test('ends within drainMs when a disposal hangs, names it, and exits 1', async () => {
    const { host, exited, fatal } = run(async ({ scope }) => scope.defer(() => never, 'listener'), { drainMs: 1000 });
    await settle();
    host.emit('SIGTERM');
    await vi.advanceTimersByTimeAsync(1000);
    expect(await exited).toBe(1);
    expect(fatal).toHaveLength(1);
    expect(fatal[0]?.[1]).toBe('drain');
  });

  test.each(['uncaughtException', 'unhandledRejection'] as const)(
    'reports an %s and exits 1 at once',
    async (event) => {
      const dispose = vi.fn();
      const { host, exited, fatal } = run(async ({ scope }) => scope.defer(dispose));
      await settle();
      host.emit(event, new Error('broken'));
      expect(await exited).toBe(1);
      expect(fatal).toEqual([['Error: broken', event]]);
      expect(dispose).not.toHaveBeenCalled();
    },
  );

  test('ends in good order when a part asks for it or fails', async () => {
    const asked = run(async () => undefined);
    asked.context.stop('done');
    expect(await asked.exited).toBe(0);
    const failed = run(async () => undefined);
    failed.context.fail(new Error('lost the port'));
    expect(await failed.exited).toBe(1);
    expect(failed.fatal).toEqual([['Error: lost the port', 'failed']]);
  });

  test('writes fatal errors to standard error when nobody else takes them', async () => {
    const host = new FakeHost();
    const code = await runProcess('relay', () => Promise.reject(new Error('no redis')), { process: host });
    expect(code).toBe(1);
    expect(host.written).toContain('relay: start: Error: no redis');
  });
});
