import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createModuleDriver } from '@reveille/drivers';
import { createLogger } from '@reveille/telemetry';
import { DriverStart } from '../measure/driver-start.ts';
import type { Figure } from '../measure/figure.ts';
import { interleaved } from '../measure/rounds.ts';
import { spreadOf } from '../measure/samples.ts';

const folder = fileURLToPath(new URL('../service/', import.meta.url));
const file = 'module-service.mjs';
/** The longest pause between two looks at something that has just been started (architecture). */
const fastPollMs = 50;
const ready = { log: { pattern: '^listening$' } };

/** What the module driver adds to a start of the same file with `node` by hand. Both are ready when the file says so in its log. */
export const moduleStart: Figure = {
  name: 'module',
  about: 'a service of the module driver, from its start to ready, beside node by hand',
  async measure({ quick, signal }) {
    const logger = createLogger({ name: 'bench', level: 'silent' });
    await using driver = createModuleDriver({ namespace: `bench-${process.pid}`, hostId: 'bench', logger });
    const spec = { start: { module: { path: file } }, ready };
    const start = new DriverStart(driver, { spec, catalogDir: folder, signal });
    const measured = await interleaved(
      { rounds: quick ? 5 : 30, warmUp: 2, signal },
      {
        ours: () => start.measure(),
        reference: byHand,
      },
    );
    const polled = { start: spec.start, ready: { tcp: {} } };
    const late = new DriverStart(driver, { spec: polled, catalogDir: folder, signal });
    const noticed: number[] = [];
    for (let round = 0; round < (quick ? 5 : 30); round += 1) noticed.push(await late.noticed());
    const [ours, value] = [spreadOf(measured.ours), spreadOf(measured.reference)];
    const [seen, allowed] = [spreadOf(noticed), spreadOf([fastPollMs])];
    return {
      rows: [
        {
          ...{ figure: 'module', what: 'a module, driver.start → ready', ours, unit: 'ms' },
          reference: { what: 'node by hand, spawn → its line', value, unit: 'ms' },
          ratio: ours.median / value.median,
          target: { is: 'at_most', ratio: 1.1 },
        },
        {
          ...{ figure: 'module', what: 'a module with a tcp probe, listens → noticed', ours: seen, unit: 'ms' },
          reference: { what: 'one fast poll', value: allowed, unit: 'ms' },
          ratio: seen.median / allowed.median,
          target: { is: 'at_most', ratio: 1 },
        },
      ],
    };
  },
};

async function byHand(): Promise<number> {
  const PORT = String(await freePort());
  const began = performance.now();
  const child = spawn(process.execPath, [file], {
    ...{ cwd: folder, env: { PATH: process.env['PATH'], PORT }, stdio: ['ignore', 'pipe', 'inherit'] },
  });
  await once(createInterface(child.stdout), 'line');
  const took = performance.now() - began;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
  return took;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
