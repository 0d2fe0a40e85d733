import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { randomUUID } from 'node:crypto';
import type { ScopeKey, ServiceName } from '@reveille/contracts';
import { describe, expect, it } from 'vitest';
import { createModuleDriver } from '../../src/index.ts';
import { requestOf } from '../support/start-request.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { context, line, never, quiet, testDriver } from '../support/test-driver.ts';
import { waitFor } from '../support/wait-for.ts';

type More = Parameters<typeof requestOf>[1];

const host = { PATH: process.env['PATH'], HOME: '/home/me', DATABASE_SECRET: 'planted' };
const driverOf = () => createModuleDriver({ namespace: randomUUID(), hostId: 'this-host', logger: quiet, env: host });
const calling = (name: string, more?: More) =>
  requestOf({ module: { path: './module/programs.mjs', export: name } }, more);

describe('a started module', () => {
  it('is told what it is, where to listen and what it needs, and nothing of the host', async () => {
    await using driver = driverOf();
    const start = { path: './module/programs.mjs', export: 'tell', env: { ROLE: 'of-{tenant}' }, passEnv: ['HOME'] };
    const running = await driver.start(
      requestOf(
        { module: start },
        {
          values: { scopeKey: 'global' as ScopeKey, tenant: 'acme', generation: 1, deps: new Map() },
          environment: {
            REVEILLE_SERVICE: 'subject',
            REVEILLE_GENERATION: '1',
            REVEILLE_TENANT: 'acme',
            REVEILLE_DEP_TOOLS_URL: 'http://127.0.0.1:1',
          },
        },
      ),
      context(),
    );
    const told = JSON.parse((await line(running, /^context/)).slice('context '.length)) as object;
    const port = running.endpoint?.port;
    const dependencies = { tools: 'http://127.0.0.1:1' };
    expect(told).toEqual({ service: 'subject', generation: 1, tenant: 'acme', port, dependencies });
    expect((await line(running, /^environment/)).split(' ').slice(1)).toEqual([
      ...['HOME', 'PATH', 'PORT', 'REVEILLE_DEP_TOOLS_URL', 'REVEILLE_GENERATION', 'REVEILLE_RUN'],
      ...['REVEILLE_SERVICE', 'REVEILLE_TENANT', 'ROLE'],
    ]);
    expect(await line(running, /^signal/)).toBe('signal true, arguments 0');
  });

  it('may be TypeScript, with a default export', async () => {
    await using folder = await tempFolder();
    await using driver = driverOf();
    const source = 'export default function (context: { port: number }): void { console.log(`at ${context.port}`); }';
    await writeFile(path.join(folder.path, 'service.ts'), source);
    const asked = requestOf({ module: { path: 'service.ts', export: 'default' } }, { catalogDir: folder.path });
    const running = await driver.start(asked, context());
    expect(await line(running, /^at/)).toBe(`at ${running.endpoint?.port}`);
  });

  it('ends in order: what its function gave back is called, and its process ends with 0', async () => {
    await using driver = driverOf();
    const asked = calling('initialize');
    const running = await driver.start(asked, context());
    await waitFor(running, { tcp: {} });
    expect(await driver.stop(asked, { graceMs: 60_000, signal: never() })).toEqual({ stopped: true });
    expect(await running.exited).toEqual({ code: 0, signal: null });
    expect(running.logs()).toEqual(['begun', 'closing']);
  });

  it('may be asked to end while it still initializes', async () => {
    await using driver = driverOf();
    const asked = calling('patient');
    const running = await driver.start(asked, context());
    await line(running, /begun/);
    await driver.stop(asked, { graceMs: 60_000, signal: never() });
    expect(await running.exited).toEqual({ code: 0, signal: null });
    expect(running.logs()).toEqual(['begun']);
  });

  it('with "ready: reported" is ready when its function has resolved, at the address that this gave', async () => {
    const reports: { authorization: string | undefined; body: unknown }[] = [];
    let refusals = 1;
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        reports.push({ authorization: request.headers.authorization, body: JSON.parse(body) });
        response.writeHead(refusals-- > 0 ? 503 : 204).end();
        if (response.statusCode === 204) server.emit('taken');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const taken = once(server, 'taken');
    await using driver = driverOf();
    const { port } = server.address() as AddressInfo;
    const environment = { REVEILLE_REPORT_URL: `http://127.0.0.1:${port}/report`, REVEILLE_REPORT_TOKEN: 'the token' };
    const asked = calling('elsewhere', { ready: { reported: true }, endpoint: { port: 'reported' }, environment });
    const running = await driver.start(asked, context());
    await taken;
    const report = {
      authorization: 'Bearer the token',
      body: { ready: true, endpoint: expect.stringMatching(/^http:\/\/127/) },
    };
    expect(reports).toEqual([report, report]);
    await driver.stop(asked, { graceMs: 60_000, signal: never() });
    await running.exited;
    expect(running.logs()).toEqual(['disposed']);
    await new Promise((closed) => server.close(closed));
  });
});

describe('a module that cannot run', () => {
  it.each([
    ['refuse', /refuse\(\) of .*programs.mjs failed:.*there is no table of customers/],
    ['missing', /exports no function "missing" \(it exports elsewhere, exit, initialize/],
    ['version', /exports no function "version"/],
    ['stall', /stall\(\) of .* waits for something that nothing can bring about/],
  ])('says why it ended: %s', async (name, words) => {
    await using driver = driverOf();
    const running = await driver.start(calling(name), context());
    const failure: unknown = await waitFor(running, { tcp: {} }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'exited_early', exitCode: 1 });
    expect((failure as { logTail: string[] }).logTail.join(' ')).toMatch(words);
  });

  it('that is not there is named, with the file that was looked for', async () => {
    await using driver = driverOf();
    const asked = requestOf({ module: { path: './gone.mjs' } }, { catalogDir: '/tmp' });
    await expect(driver.start(asked, context())).rejects.toMatchObject({
      code: 'command_not_found',
      message: 'the module "./gone.mjs" cannot be run: there is no file /tmp/gone.mjs',
    });
    const folder = requestOf({ module: { path: '.' } }, { catalogDir: '/tmp' });
    await expect(driver.start(folder, context())).rejects.toThrow('the module "." cannot be run: /tmp is no file');
  });
});

it('the process driver of the same deployment sees nothing of it, and it nothing of processes', async () => {
  const namespace = randomUUID();
  await using modules = createModuleDriver({ namespace, hostId: 'this-host', logger: quiet });
  await using processes = testDriver({ namespace });
  await modules.start(calling('initialize', { dependsOn: ['tools' as ServiceName] }), context());
  expect(await processes.list(never())).toEqual([]);
  await processes.start(
    requestOf({ process: { command: ['node', '-e', 'setInterval(() => {}, 1e9)'] } }, { generation: 2 }),
    context(),
  );
  expect((await modules.list(never())).map(({ generation }) => generation)).toEqual([1]);
  expect((await processes.list(never())).map(({ generation }) => generation)).toEqual([2]);
});
