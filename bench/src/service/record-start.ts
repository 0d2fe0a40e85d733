import { appendFileSync } from 'node:fs';
import { subscribe } from 'node:diagnostics_channel';

/**
 * Preloaded (`--import`) into each started service: writes down when its process began and when it began to report, by its own
 * clock, so that the time of the service itself is known apart from everything around it. Its last report is that it is ready.
 */
const path = process.env['BENCH_STARTS'] ?? '';

subscribe('reveille.report', record);

function record(): void {
  const start = {
    service: process.env['REVEILLE_SERVICE'],
    instance: process.env['REVEILLE_INSTANCE'],
    generation: Number(process.env['REVEILLE_GENERATION']),
    pid: process.pid,
    bornAt: performance.timeOrigin,
    readyAt: performance.timeOrigin + performance.now(),
  };
  // Not now: the report is about to leave, and users wait for it.
  setImmediate(() => appendFileSync(path, `${JSON.stringify(start)}\n`));
}
