import { service as serviceSchema, type InstanceKey, type ServiceName } from '@reveille/contracts';
import { type Driver, DriverError, type Running, type StartRequest } from '@reveille/orchestration';
import { describe, expect, test, vi } from 'vitest';
import { runAttempt } from '../src/start/attempt.ts';
import { ProgressWriter } from '../src/start/progress-writer.ts';
import { Reports } from '../src/start/reports.ts';

const request: StartRequest = {
  name: 'reveille-agent-global-1',
  instance: 'agent~global' as InstanceKey,
  service: 'agent' as ServiceName,
  generation: 1,
  spec: serviceSchema.parse({ start: { process: { command: ['agent'] } }, ready: { log: { pattern: 'ready' } } }),
  catalogDir: '/',
  values: { scopeKey: 'global', generation: 1, deps: new Map() } as unknown as StartRequest['values'],
  environment: {},
};

function running(name: string): Running {
  return {
    name,
    endpoint: { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 },
    exited: Promise.withResolvers<{ code: number | null; signal: string | null }>().promise,
    logs: () => ['ready'],
    onLine: () => () => undefined,
  };
}

/** Runs one attempt with a driver that has something to adopt, and tells what it was asked for. */
async function attempt(claimedBefore: boolean): Promise<{ asked: string[]; name: string }> {
  const asked: string[] = [];
  const driver = {
    adopt: async () => (asked.push('adopt'), running('adopted')),
    start: async () => (asked.push('start'), running('started')),
  } as Partial<Driver> as Driver;
  await using reports = new Reports('a secret of the test that is long enough');
  const made = await runAttempt({
    driver,
    request,
    reports,
    claimedBefore,
    signals: [new AbortController().signal],
    onRunning: () => undefined,
    onProgress: async () => undefined,
    onProgressLost: (error) => expect.unreachable(String(error)),
  });
  return { asked, name: made.running.name };
}

test('a service that reports a million phases costs one commit in a while, and that is said', async () => {
  const written: string[] = [];
  const said: string[] = [];
  {
    await using writer = new ProgressWriter(
      async ({ phase }) => void written.push(phase),
      (error) => said.push(String(error)),
    );
    for (let step = 0; step < 1_000_000; step += 1) writer.push({ phase: `step ${step}` });
    await vi.waitFor(() => expect(written).toEqual(['step 999999']));
    writer.push({ phase: 'the last' });
  }
  expect(said).toEqual(['Error: 999999 reports came faster than one in 100 ms and were passed over']);
});

describe('an attempt', () => {
  test('adopts what an earlier claim of its generation started', async () => {
    expect(await attempt(true)).toEqual({ asked: ['adopt'], name: 'adopted' });
  });

  test('of a generation that nobody claimed before starts at once: users wait for each look', async () => {
    expect(await attempt(false)).toEqual({ asked: ['start'], name: 'started' });
  });

  test('whose driver does not get anywhere until the deadline was too late, and not given up by somebody', async () => {
    const driver = {
      start: async (_, { signal }) => {
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        throw new DriverError('cancelled', 'the start was given up', { cause: signal.reason });
      },
    } as Partial<Driver> as Driver;
    await using reports = new Reports('a secret of the test that is long enough');
    const begun = (signal: AbortSignal) =>
      runAttempt({
        driver,
        request: { ...request, spec: { ...request.spec, deadlineMs: 50 } },
        ...{ reports, claimedBefore: false, signals: [new AbortController().signal, signal] },
        onRunning: () => undefined,
        onProgress: async () => undefined,
        onProgressLost: (error) => expect.unreachable(String(error)),
      });
    await expect(begun(new AbortController().signal)).rejects.toMatchObject({
      code: 'start_timeout',
      message: 'it was not started within 50 ms (deadlineMs)',
    });
    const lost = new Error('the lease is lost');
    await expect(begun(AbortSignal.abort(lost))).rejects.toBe(lost);
  });
});
