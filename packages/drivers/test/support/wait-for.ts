import { type CatalogInput, type Endpoint, readyProbe } from '@reveille/contracts';
import type { Running } from '@reveille/orchestration';
import { type ReportSource, untilReady, type UntilReadyOptions } from '../../src/index.ts';
import { never } from './test-driver.ts';

type Probe = NonNullable<CatalogInput['services'][string]['ready']>;

/** Reports of a service, as the initializer takes them in. */
export function reportSource(): ReportSource & { report(ready: { endpoint?: string }): void } {
  const listeners = new Set<() => void>();
  let last: { endpoint?: string } | undefined;
  return {
    ready: () => last,
    onReady(fn) {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
    report(ready) {
      last = ready;
      for (const fn of listeners) fn();
    },
  };
}

/** `untilReady` with looks in quick succession. */
export function waitFor(
  running: Running,
  probe: Probe,
  more: Partial<UntilReadyOptions> = {},
): Promise<{ endpoint: Endpoint }> {
  return untilReady({
    probe: readyProbe.parse({ everyMs: 10, ...probe }),
    running,
    endpoint: () => running.endpoint,
    reports: reportSource(),
    signal: never(),
    ...more,
  });
}

/** A program that answers HTTP on its port. */
export const answer = (handler: string): string =>
  `require('node:http').createServer((request, response) => { ${handler} }).listen(process.env.PORT, '127.0.0.1');`;
