import { randomBytes } from 'node:crypto';
import { connectBroker } from '@reveille/broker';
import { parseCatalog } from '@reveille/catalog';
import { Hosts, Reports, startHands } from '@reveille/initializer';
import { Scope } from '@reveille/lifecycle';
import type { Driver, Running } from '@reveille/orchestration';
import { createLogger, createMetrics, exportMetrics, startTelemetry } from '@reveille/telemetry';

/**
 * An initializer as it is, with a driver that does nothing: what it starts is there and ready at once, or after so long. Prints a line when
 * it runs. REDIS_URL, BENCH_CATALOG (text), BENCH_CONCURRENCY, BENCH_WAIT_MS, the variables of OpenTelemetry.
 */
const { REDIS_URL = '', BENCH_CATALOG = '', BENCH_CONCURRENCY = '16', BENCH_WAIT_MS = '0' } = process.env;
const waitMs = Number(BENCH_WAIT_MS);
const owner = `idle-hands-${process.pid}`;

function nothing(name: string): Running {
  return {
    name,
    endpoint: { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 },
    exited: new Promise(() => undefined),
    logs: () => [],
    onLine(listener) {
      if (waitMs === 0) queueMicrotask(() => listener('ready'));
      else setTimeout(() => listener('ready'), waitMs);
      return () => undefined;
    },
  };
}

const driver: Driver = {
  driver: 'docker',
  start: ({ name }) => Promise.resolve(nothing(name)),
  adopt: () => Promise.resolve(undefined),
  stop: () => Promise.resolve({ stopped: true }),
  list: () => Promise.resolve([]),
};

const catalog = parseCatalog(BENCH_CATALOG, '/bench/reveille.yaml');
const broker = await connectBroker({ url: REDIS_URL, namespace: 'bench', owner });
const scope = new Scope({ disposeMs: 5000 });
const logger = createLogger({ name: 'idle-hands', level: 'error' });
const metrics = createMetrics({ processMetrics: false });
await startTelemetry({ service: 'idle-hands', logger });
await exportMetrics({ metrics, service: 'idle-hands' });
await startHands(scope, {
  broker,
  drivers: new Map([['docker', driver]]),
  hosts: new Hosts(broker.members, 'bench'),
  reports: new Reports(randomBytes(32).toString('base64url')),
  catalog: () => catalog,
  owner,
  rootSecret: randomBytes(32).toString('base64url'),
  edgeKey: 'none',
  startConcurrency: Number(BENCH_CONCURRENCY),
  logger,
  metrics,
});
console.log('running');
process.once('SIGTERM', () => process.exit());
