import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { createDockerDriver } from '@reveille/drivers';
import { createLogger } from '@reveille/telemetry';
import { DriverStart } from '../measure/driver-start.ts';
import type { Figure } from '../measure/figure.ts';
import { interleaved } from '../measure/rounds.ts';
import { spreadOf } from '../measure/samples.ts';

const image = process.env['REVEILLE_BENCH_IMAGE'] ?? 'node:24-bookworm-slim';
const script = `require('node:http').createServer((_, a) => a.end()).listen(8080, () => console.log('listening')); process.on('SIGTERM', () => process.exit(0))`;
const command = ['node', '-e', script];
const ready = { log: { pattern: '^listening$' } };
const name = `reveille-bench-${process.pid}`;

/** What the docker driver adds to `docker run` of the same image. Both are ready when the container says so in its log. */
export const dockerStart: Figure = {
  name: 'docker',
  about: 'a service of the docker driver, from its start to ready, beside docker run',
  async measure({ quick, signal }) {
    const absent = await absentBecause();
    if (absent !== undefined) return { rows: [], notes: [`The docker driver was not measured: ${absent}.`] };
    const logger = createLogger({ name: 'bench', level: 'silent' });
    await using driver = createDockerDriver({ namespace: name, logger });
    const spec = { start: { docker: { image, command, pull: 'never' } }, endpoint: { port: 8080 }, ready };
    const start = new DriverStart(driver, { spec, catalogDir: '/', signal });
    const measured = await interleaved(
      { rounds: quick ? 3 : 12, warmUp: 1, signal },
      {
        ours: () => start.measure(),
        reference: byHand,
      },
    );
    const [ours, value] = [spreadOf(measured.ours), spreadOf(measured.reference)];
    return {
      rows: [
        {
          ...{ figure: 'docker', what: 'a container, driver.start → ready', ours, unit: 'ms' },
          reference: { what: 'docker run → its line', value, unit: 'ms' },
          ratio: ours.median / value.median,
          target: { is: 'at_most', ratio: 1.1 },
        },
      ],
    };
  },
};

/** Why there is nothing to measure here; undefined when there is. */
async function absentBecause(): Promise<string | undefined> {
  const docker = promisify(execFile);
  try {
    await docker('docker', ['version', '--format', '{{.Server.Version}}']);
  } catch {
    return 'no Docker Engine answers (DOCKER_HOST), or there is no command "docker"';
  }
  return docker('docker', ['image', 'inspect', image]).then(
    () => undefined,
    () => `the Engine has no image ${image}; pull it, or name another one with Node in REVEILLE_BENCH_IMAGE`,
  );
}

async function byHand(): Promise<number> {
  const began = performance.now();
  const child = spawn('docker', ['run', '--rm', '--name', name, '--pull', 'never', image, ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface(child.stdout), 'line');
  const took = performance.now() - began;
  const ended = once(child, 'exit');
  await promisify(execFile)('docker', ['stop', '--time', '5', name]);
  await ended;
  return took;
}
