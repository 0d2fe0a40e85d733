import { randomUUID } from 'node:crypto';
import type { DriverContext, Running } from '@reveille/orchestration';
import { createLogger } from '@reveille/telemetry';
import { createProcessDriver, type ProcessDriverOptions } from '../../src/index.ts';

export const quiet = createLogger({ name: 'test', level: 'silent', destination: { write: () => undefined } });

/** A driver of a deployment of its own, so that tests see nothing of each other. */
export function testDriver(options: Partial<ProcessDriverOptions> = {}) {
  return createProcessDriver({ namespace: randomUUID(), hostId: 'this-host', logger: quiet, ...options });
}

export function context(more: Partial<DriverContext> = {}): DriverContext {
  return { signal: never(), progress: () => undefined, ...more };
}

export function never(): AbortSignal {
  return new AbortController().signal;
}

/** The first line, written already or to come, that matches. Rejects when the run ends without it. */
export function line(running: Running & { drained?: Promise<void> }, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    void running.exited.then(async () => {
      await running.drained;
      reject(new Error(`no line matches ${pattern}: ${running.logs().join(' | ')}`));
    });
    const written = running.logs().find((each) => pattern.test(each));
    if (written !== undefined) resolve(written);
    const stop = running.onLine((each) => {
      if (!pattern.test(each)) return;
      stop();
      resolve(each);
    });
  });
}
