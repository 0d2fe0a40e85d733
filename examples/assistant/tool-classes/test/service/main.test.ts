import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

describe('the tool_classes process', () => {
  it('reports the tools it registers, says when it is ready, and ends with 0 on SIGTERM', async () => {
    const reports: Record<string, unknown>[] = [];
    const ready = Promise.withResolvers<void>();
    const receiver = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const report = JSON.parse(body) as Record<string, unknown>;
      reports.push(report);
      response.end('{}');
      if (report['ready'] === true) ready.resolve();
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const reportUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/report`;
    const child = spawn(process.execPath, ['--conditions=@reveille/source', MAIN], {
      env: { PATH: process.env['PATH'], REVEILLE_REPORT_URL: reportUrl, REVEILLE_REPORT_TOKEN: 't' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    try {
      await Promise.race([ready.promise, exited.then(() => Promise.reject(new Error('it ended before it was ready')))]);
      const endpoint = String(reports.at(-1)?.['endpoint']);
      expect((await fetch(`${endpoint}/readyz`)).status).toBe(200);
      expect(reports[0]).toMatchObject({ phase: 'registering tools', detail: 'Describe the data (1 of 8)' });
    } finally {
      child.kill('SIGTERM');
      receiver.close();
    }
    expect(await exited).toEqual([0, null]);
  });

  it('ends with an error that names the port when it is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const child = spawn(process.execPath, ['--conditions=@reveille/source', MAIN], {
      env: { PATH: process.env['PATH'], PORT: String(port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) lines.push(line);
    expect(await exited).toEqual([1, null]);
    expect(lines.join('\n')).toContain(`address already in use 127.0.0.1:${port}`);
    taken.close();
  });
});
