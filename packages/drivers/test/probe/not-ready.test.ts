import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { Exit, Running } from '@reveille/orchestration';
import { describe, expect, it } from 'vitest';
import { program, startRequest } from '../support/start-request.ts';
import { context, testDriver } from '../support/test-driver.ts';
import { answer, waitFor } from '../support/wait-for.ts';

describe('a run is not ready', () => {
  it.each([
    [
      'exits with 0',
      'process.exit(0)',
      { exitCode: 0, message: 'the process ended with exit code 0 before it was ready' },
    ],
    [
      'exits with 7',
      'process.exit(7)',
      { exitCode: 7, message: 'the process ended with exit code 7 before it was ready' },
    ],
    [
      'is killed',
      `process.kill(process.pid, 'SIGKILL')`,
      { signal: 'SIGKILL', message: 'the process was ended by SIGKILL before it was ready' },
    ],
  ])('when it %s, and its last words say why', async (_, source, expected) => {
    await using driver = testDriver();
    const say = `require('node:fs').writeSync(2, 'no database\\n');`;
    const running = await driver.start(startRequest(program(`${say} ${source}`)), context());
    await expect(waitFor(running, { tcp: {} })).rejects.toMatchObject({
      code: 'exited_early',
      logTail: ['no database'],
      ...expected,
    });
  });

  it('when it has ended, although a stranger answers on its port', async () => {
    await using driver = testDriver();
    const running = await driver.start(startRequest(program('process.exit(1)')), context());
    const stranger = http.createServer((_, response) => response.end()).listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const { port } = stranger.address() as AddressInfo;
    await running.exited;
    const endpoint = () => ({ url: `http://127.0.0.1:${port}`, host: '127.0.0.1', port });
    await expect(waitFor(running, { http: { path: '/' } }, { endpoint })).rejects.toMatchObject({
      code: 'exited_early',
    });
    stranger.closeAllConnections();
    stranger.close();
  });

  it('when it ends in the very turn in which its probe passes', async () => {
    const exit = Promise.withResolvers<Exit>();
    const running: Running = {
      name: 'reveille-subject-global-1',
      endpoint: { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 },
      exited: exit.promise,
      logs: () => [],
      onLine(listener) {
        setImmediate(() => {
          listener('ready');
          // After all that the line sets off, before the next turn.
          queueMicrotask(() => process.nextTick(() => exit.resolve({ code: 1, signal: null })));
        });
        return () => undefined;
      },
    };
    await expect(waitFor(running, { log: { pattern: 'ready' } })).rejects.toMatchObject({ code: 'exited_early' });
  });

  it('when it ends while it settles', async () => {
    await using driver = testDriver();
    const running = await driver.start(startRequest(program(answer('response.end(); process.exit(4);'))), context());
    const ready = waitFor(running, { http: { path: '/' }, settleMs: 600_000 });
    await expect(ready).rejects.toMatchObject({ code: 'exited_early', exitCode: 4 });
  });

  it('when the caller does not wait any longer, and then nobody looks any more', async () => {
    await using driver = testDriver();
    const running = await driver.start(startRequest(program('setInterval(() => {}, 1e6)')), context());
    const enough = new AbortController();
    const reason = new Error('the deadline of the attempt');
    const onProgress = () => enough.abort(reason);
    await expect(waitFor(running, { tcp: {} }, { signal: enough.signal, onProgress })).rejects.toBe(reason);
    await expect(waitFor(running, { tcp: {} }, { signal: enough.signal })).rejects.toBe(reason);
  });

  it('when what answers does not speak HTTP', async () => {
    await using driver = testDriver();
    const running = await driver.start(startRequest(program('setInterval(() => {}, 1e6)')), context());
    const babbler = net.createServer((socket) => socket.on('error', () => socket.destroy()).end('hello\r\n'));
    babbler.listen(0, '127.0.0.1');
    await once(babbler, 'listening');
    const { port } = babbler.address() as AddressInfo;
    const told = Promise.withResolvers<string | undefined>();
    const enough = new AbortController();
    const ready = waitFor(
      running,
      { http: { path: '/' } },
      {
        endpoint: () => ({ url: `http://127.0.0.1:${port}`, host: '127.0.0.1', port }),
        onProgress: ({ detail }) => told.resolve(detail),
        signal: enough.signal,
      },
    );
    expect(await told.promise).toBe('what answers does not speak HTTP');
    enough.abort();
    await expect(ready).rejects.toThrow();
    babbler.close();
  });
});
