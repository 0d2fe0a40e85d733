import type { Progress } from '@reveille/contracts';
import { describe, expect, it } from 'vitest';
import { commandContextOf } from '../../src/index.ts';
import { program, startRequest } from '../support/start-request.ts';
import { context, testDriver } from '../support/test-driver.ts';
import { answer, reportSource, waitFor } from '../support/wait-for.ts';

describe('a run is ready', () => {
  it('by http, when it answers 2xx after all that it answered before', async () => {
    await using driver = testDriver();
    const source = answer(`
      globalThis.asked = (globalThis.asked ?? 0) + 1;
      response.writeHead(asked < 4 ? 503 : 204, { location: '/elsewhere' }).end();`);
    const running = await driver.start(startRequest(program(source)), context());
    const told: Progress[] = [];
    const { endpoint } = await waitFor(
      running,
      { http: { path: '/readyz' } },
      { onProgress: (each) => told.push(each) },
    );
    expect(endpoint).toEqual(running.endpoint);
    expect(told.map(({ detail }) => detail)).toEqual([
      'nothing listens on its port yet',
      'it answers with status 503, expected is 2xx',
    ]);
    expect(new Set(told.map(({ phase }) => phase))).toEqual(new Set(['probing']));
  });

  it('by http, with the very status that is asked for; a redirect is not followed', async () => {
    await using driver = testDriver();
    const source = answer(`
      globalThis.asked = (globalThis.asked ?? 0) + 1;
      if (request.url !== '/readyz') process.exit(9);
      response.writeHead(asked < 3 ? 200 : 302, { location: '/elsewhere' }).end('body'.repeat(1e5));`);
    const running = await driver.start(startRequest(program(source)), context());
    expect(await waitFor(running, { http: { path: '/readyz', status: 302 } })).toEqual({ endpoint: running.endpoint });
  });

  it('by http, although it let one look run into its time-out', async () => {
    await using driver = testDriver();
    const source = answer(`globalThis.asked = (globalThis.asked ?? 0) + 1; if (asked > 1) response.end();`);
    const running = await driver.start(startRequest(program(source)), context());
    const told: (string | undefined)[] = [];
    const onProgress = ({ detail }: Progress) => void told.push(detail);
    await waitFor(running, { http: { path: '/', timeoutMs: 200 } }, { onProgress });
    expect(told).toContain('no answer within 200 ms');
  });

  it('by tcp, when something listens on its port or on another that is named', async () => {
    await using driver = testDriver();
    const running = await driver.start(startRequest(program(answer(''))), context());
    await waitFor(running, { tcp: {} });
    const port = running.endpoint?.port ?? 0;
    const elsewhere = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 };
    expect(await waitFor(running, { tcp: { port } }, { endpoint: () => elsewhere })).toEqual({ endpoint: elsewhere });
  });

  it('by exec, when the command ends with 0; it gets the environment and the variables of the service', async () => {
    await using driver = testDriver();
    const request = startRequest({ ...program(answer('response.end()')), env: { SAID: '{port}' } });
    const running = await driver.start(request, context());
    const command = commandContextOf(request, { port: running.endpoint?.port });
    const look = `if (process.argv[1] !== process.env.PORT || process.env.SAID !== process.env.PORT) process.exit(8);
      require('node:net').connect(process.env.PORT, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1));`;
    const told: (string | undefined)[] = [];
    const onProgress = ({ detail }: Progress) => void told.push(detail);
    await waitFor(running, { exec: { command: ['node', '-e', look, '{port}'] } }, { command, onProgress });
    expect(told).not.toContain('the probe command ended with exit code 8');
  });

  it('by a line of its log, written before or after the waiting began', async () => {
    await using driver = testDriver();
    const running = await driver.start(
      startRequest(program(`console.log('Listening on 1'); ${answer('')}`)),
      context(),
    );
    const first = await waitFor(
      running,
      { log: { pattern: '^listening on \\d' } },
      {
        compileRegex: (pattern) => (text) => new RegExp(pattern, 'i').test(text),
      },
    );
    expect(first).toEqual({ endpoint: running.endpoint });
    expect(await waitFor(running, { log: { pattern: 'Listening' } })).toEqual(first);
  });

  it('by its report, which may name the endpoint', async () => {
    await using driver = testDriver();
    const running = await driver.start(
      startRequest(program('setInterval(() => {}, 1e6)'), { endpoint: { port: 'reported' } }),
      context(),
    );
    const reports = reportSource();
    const ready = waitFor(running, { reported: true }, { reports });
    reports.report({});
    reports.report({ endpoint: 'http://127.0.0.1:4711/' });
    expect(await ready).toEqual({ endpoint: { url: 'http://127.0.0.1:4711', host: '127.0.0.1', port: 4711 } });
  });

  it('not by a report that names no place', async () => {
    await using driver = testDriver();
    const running = await driver.start(
      startRequest(program('setInterval(() => {}, 1e6)'), { endpoint: { port: 'reported' } }),
      context(),
    );
    const reports = reportSource();
    reports.report({ endpoint: 'mailto:me' });
    await expect(waitFor(running, { reported: true }, { reports })).rejects.toMatchObject({
      code: 'driver_error',
      message: 'the service reported an endpoint that is no http URL: "mailto:me"',
    });
  });

  it('only when it still is after settleMs', async () => {
    await using driver = testDriver();
    const source = answer(`
      globalThis.asked = (globalThis.asked ?? 0) + 1;
      response.writeHead(asked === 2 ? 500 : 200).end();`);
    const running = await driver.start(startRequest(program(source)), context());
    const told: (string | undefined)[] = [];
    const onProgress = ({ detail }: Progress) => void told.push(detail);
    await waitFor(running, { http: { path: '/' }, settleMs: 30 }, { onProgress });
    expect(told.filter((each) => each !== 'nothing listens on its port yet')).toEqual([
      'it answers; it has to go on doing so for 30 ms',
      'it was ready for a moment only: it answers with status 500, expected is 2xx',
      'it answers; it has to go on doing so for 30 ms',
    ]);
  });
});
