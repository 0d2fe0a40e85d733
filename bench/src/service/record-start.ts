import { appendFileSync } from 'node:fs';
import { subscribe } from 'node:diagnostics_channel';

/**
 * Preloaded (`--import`) into each started service: writes down when its process began and when it began to report, by its own
 * clock, so that the time of the service itself is known apart from everything around it. Its last report is that it is ready.
 */
const path = process.env['BENCH_STARTS'] ?? '';
const target = new URL(process.env['REVEILLE_REPORT_URL'] ?? 'http://none/').pathname;

// Not `request.start`: that one comes when the report is on its way already.
subscribe('http.client.request.created', (message) => {
  if ((message as { request: { path: string } }).request.path === target) record();
});

function record(): void {
  const start = {
    service: process.env['REVEILLE_SERVICE'],
    instance: process.env['REVEILLE_INSTANCE'],
    generation: Number(process.env['REVEILLE_GENERATION']),
    pid: process.pid,
    bornAt: performance.timeOrigin,
    readyAt: performance.timeOrigin + performance.now(),
  };
  appendFileSync(path, `${JSON.stringify(start)}\n`);
}
