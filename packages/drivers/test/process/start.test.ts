import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { InstanceKey, Progress, ScopeKey, ServiceName } from '@reveille/contracts';
import { DriverError } from '@reveille/orchestration';
import { describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { program, startRequest } from '../support/start-request.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { context, line, testDriver } from '../support/test-driver.ts';

const tellNames = `console.log('names ' + Object.keys(process.env).toSorted().join(' '));`;
const tell = (...names: string[]): string =>
  names.map((name) => `console.log('${name}=' + process.env.${name});`).join('');
const deps = new Map([['tools' as ServiceName, { url: 'http://127.0.0.1:4711/api', host: '127.0.0.1', port: 4711 }]]);

describe('what a started process gets', () => {
  it('nothing of the initializer but PATH and what passEnv names', async () => {
    await using driver = testDriver({
      env: { PATH: process.env['PATH'], HOME: '/home/me', DATABASE_SECRET: 'planted' },
    });
    const running = await driver.start(
      startRequest(
        { ...program(tellNames), passEnv: ['HOME', 'NOT_SET'], env: { LOG_LEVEL: 'info' } },
        { environment: { TRACEPARENT: 'trace', REVEILLE_SERVICE: 'subject' } },
      ),
      context(),
    );
    expect(await line(running, /^names /)).toBe(
      'names HOME LOG_LEVEL PATH PORT REVEILLE_RUN REVEILLE_SERVICE TRACEPARENT',
    );
  });

  it('its port in PORT, and in the templates of its command, environment and folder', async () => {
    await using folder = await tempFolder();
    await using driver = testDriver();
    await mkdir(path.join(folder.path, 'of-acme'));
    const source = `${tell('PORT', 'SELF', 'TOOLS')} console.log(process.argv[1]); console.log('in ' + process.cwd());`;
    const running = await driver.start(
      startRequest(
        {
          ...program(source, 'port={port} {{literal}} $(id)'),
          cwd: 'of-{tenant}',
          env: { SELF: '{scopeKey}/{generation}:{port}', TOOLS: '{deps.tools.url}' },
        },
        { catalogDir: folder.path, values: { scopeKey: 'global' as ScopeKey, tenant: 'acme', generation: 1, deps } },
      ),
      context(),
    );
    await line(running, /^in /);
    const port = running.endpoint?.port;
    expect(running.logs()).toEqual([
      `PORT=${port}`,
      `SELF=global/1:${port}`,
      'TOOLS=http://127.0.0.1:4711/api',
      `port=${port} {literal} $(id)`,
      `in ${path.join(folder.path, 'of-acme')}`,
    ]);
  });

  it('no PORT when it will report its own, and then no endpoint is known', async () => {
    await using driver = testDriver();
    const running = await driver.start(startRequest(program(tellNames), { endpoint: { port: 'reported' } }), context());
    expect(await line(running, /^names /)).not.toContain('PORT');
    expect(running.endpoint).toBeUndefined();
  });

  it('an endpoint with the advertised address, and the scheme and path of the catalog', async () => {
    await using driver = testDriver({ advertiseAddress: 'localhost' });
    const endpoint = { path: '/api/', scheme: 'https' as const };
    const running = await driver.start(startRequest(program(tellNames), { endpoint }), context());
    const port = running.endpoint?.port;
    expect(running.endpoint).toEqual({ url: `https://localhost:${port}/api`, host: 'localhost', port });
  });

  it('a start that is told as progress, in words', async () => {
    await using driver = testDriver();
    const told: Progress[] = [];
    await driver.start(
      startRequest(program('setInterval(() => {}, 1e6)')),
      context({ progress: (each) => told.push(each) }),
    );
    expect(told).toEqual([{ phase: 'starting', detail: expect.stringMatching(/^process \d+ started$/) }]);
  });
});

describe('a start that cannot be', () => {
  const start = async (...request: Parameters<typeof startRequest>): Promise<DriverError> => {
    await using driver = testDriver({ env: { PATH: '/nowhere:/usr/bin:/bin' } });
    const failure: unknown = await driver.start(startRequest(...request), context()).catch((error: unknown) => error);
    if (!(failure instanceof DriverError)) throw new Error('it started', { cause: failure });
    return failure;
  };

  it('names a missing command, and where it was looked for', async () => {
    expect(await start({ command: ['no-such-program'] })).toMatchObject({
      code: 'command_not_found',
      message:
        'the command "no-such-program" cannot be run: it is in none of the folders of PATH: /nowhere, /usr/bin, /bin',
    });
  });

  it('names the file of a command that is a path', async () => {
    expect(await start({ command: ['./tool'] }, { catalogDir: '/tmp' })).toMatchObject({
      code: 'command_not_found',
      message: 'the command "./tool" cannot be run: there is no file /tmp/tool',
    });
  });

  it('says that a file is not executable', async () => {
    await using folder = await tempFolder();
    await writeFile(path.join(folder.path, 'tool'), '#!/bin/sh\n', { mode: 0o644 });
    const failure = await start({ command: ['./tool'] }, { catalogDir: folder.path });
    expect(failure.code).toBe('command_not_found');
    expect(failure.message).toContain('/tool is not executable');
  });

  it('says that the interpreter of a script is missing', async () => {
    await using folder = await tempFolder();
    await writeFile(path.join(folder.path, 'tool'), '#!/no/such/interpreter\n', { mode: 0o755 });
    const failure = await start({ command: ['./tool'] }, { catalogDir: folder.path });
    expect(failure.code).toBe('command_not_found');
    expect(failure.message).toMatch(/interpreter that .*\/tool names in its first line is missing/);
  });

  it('tells a missing working directory from a missing command', async () => {
    await using folder = await tempFolder();
    expect(await start({ command: ['sh'], cwd: 'gone' }, { catalogDir: folder.path })).toMatchObject({
      code: 'spawn_failed',
      message: `the working directory ${folder.path}/gone does not exist`,
    });
    await writeFile(path.join(folder.path, 'file'), '');
    expect(await start({ command: ['sh'], cwd: 'file' }, { catalogDir: folder.path })).toMatchObject({
      code: 'spawn_failed',
      message: `the working directory ${folder.path}/file is not a folder`,
    });
  });

  it('names a variable that has no value', async () => {
    expect(await start({ command: ['sh', '{deps.other.url}'] })).toMatchObject({
      code: 'driver_error',
      message: '"{deps.other.url}" names {deps.other.url}, which has no value here',
    });
  });

  it('refuses a zero byte, which no argument can hold', async () => {
    expect(await start({ command: ['sh', 'a\0b'] })).toMatchObject({
      code: 'spawn_failed',
      message: '"sh" could not be started: an argument or variable holds a zero byte',
    });
  });

  it('refuses a name that is not the one of a run of the instance', async () => {
    await using driver = testDriver();
    const request = { ...startRequest({ command: ['sh'] }), instance: 'other~global' as InstanceKey };
    await expect(driver.start(request, context())).rejects.toMatchObject({ code: 'driver_error' });
  });

  it('leaves neither a port nor a process behind', async () => {
    await using driver = testDriver();
    const request = startRequest({ command: ['no-such-program'] }, { endpoint: { port: await freePort() } });
    for (let attempt = 1; attempt <= 2; attempt += 1)
      await expect(driver.start(request, context())).rejects.toMatchObject({ code: 'command_not_found' });
  });
});
