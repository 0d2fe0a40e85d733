import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from './support/temporary-directory.ts';

const MAIN = join(import.meta.dirname, '../src/main.ts');
const CREATE_TIMEOUT_MS = 180_000;

function run(env: Record<string, string>): {
  pid: number;
  kill(signal: NodeJS.Signals): void;
  exited: Promise<[number | null, string | null]>;
  stderr: Promise<string>;
} {
  const child = spawn(process.execPath, ['--conditions=@reveille/source', MAIN], {
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'fatal', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return {
    pid: child.pid ?? 0,
    kill: (signal) => void child.kill(signal),
    exited: once(child, 'exit') as Promise<[number | null, string | null]>,
    stderr: text(child.stderr),
  };
}

/** Takes the reports of a service; `endpoint` is the address that it reports with its readiness. */
async function takeReports(): Promise<{
  env: Record<string, string>;
  phases: Set<string>;
  endpoint: Promise<string>;
  close(): void;
}> {
  const phases = new Set<string>();
  const endpoint = Promise.withResolvers<string>();
  const server = createServer(async (request, response) => {
    const report = JSON.parse(await text(request)) as { phase?: string; ready?: boolean; endpoint?: string };
    response.end('{}');
    if (report.phase !== undefined) phases.add(report.phase);
    if (report.ready === true) endpoint.resolve(String(report.endpoint));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const env = { REVEILLE_REPORT_URL: `http://127.0.0.1:${port}/`, REVEILLE_REPORT_TOKEN: 't' };
  return { env, phases, endpoint: endpoint.promise, close: () => void server.close() };
}

describe('the thread_service process', () => {
  it(
    'reports its work, refuses a second process on its data, survives kill -9 with its data, and ends with 0 on SIGTERM',
    { timeout: 2 * CREATE_TIMEOUT_MS },
    async () => {
      await using directory = await temporaryDirectory();
      const data = { THREAD_DATA_DIR: directory.path };
      const owner = { 'x-reveille-tenant': 'acme', 'x-reveille-user': 'ann' };
      const reports = await takeReports();
      const first = run({ ...data, ...reports.env });
      try {
        const endpoint = await Promise.race([
          reports.endpoint,
          first.stderr.then((said) => Promise.reject(new Error(said))),
        ]);
        expect((await fetch(`${endpoint}/readyz`)).status).toBe(200);
        expect((await fetch(`${endpoint}/threads/s`, { method: 'PUT', headers: owner })).status).toBe(201);
        expect([...reports.phases]).toContain('opening database');

        const second = run(data);
        expect(await second.exited).toEqual([1, null]);
        expect(await second.stderr).toContain('is open in another process');
      } finally {
        first.kill('SIGKILL');
        reports.close();
      }
      await first.exited;

      const again = await takeReports();
      const third = run({ ...data, ...again.env });
      try {
        const endpoint = await Promise.race([
          again.endpoint,
          third.stderr.then((said) => Promise.reject(new Error(said))),
        ]);
        expect((await fetch(`${endpoint}/threads/s`, { headers: owner })).status).toBe(200);
      } finally {
        third.kill('SIGTERM');
        again.close();
      }
      expect(await third.exited).toEqual([0, null]);
    },
  );

  it('ends with 1 and words when its data cannot be used', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, 'pglite'), 'not a directory');
    const damaged = run({ THREAD_DATA_DIR: directory.path });
    expect(await damaged.exited).toEqual([1, null]);
    expect(await damaged.stderr).toContain('cannot be opened');
  });

  it('ends with 2 and every fault when its settings are wrong', async () => {
    const wrong = run({ DATABASE_URL: 'mysql://localhost/threads' });
    expect(await wrong.exited).toEqual([2, null]);
    expect(await wrong.stderr).toContain('DATABASE_URL');
  });
});
