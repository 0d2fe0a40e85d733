import { appendFileSync } from 'node:fs';

/**
 * Preloaded (`--import`) into each started service: writes down when its process began and when it was about to say that it is
 * ready, by its own clock, so that the time of the service itself is known apart from everything around it.
 */
const path = process.env['BENCH_STARTS'] ?? '';
const target = process.env['REVEILLE_REPORT_URL'];
const send = globalThis.fetch;

globalThis.fetch = (input, init) => {
  if (input === target && typeof init?.body === 'string' && init.body.startsWith('{"ready":true')) record();
  return send(input, init);
};

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
