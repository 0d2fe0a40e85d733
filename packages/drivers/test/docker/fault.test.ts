import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { type InstanceKey, type ScopeKey, service, type ServiceName } from '@reveille/contracts';
import type { StartRequest } from '@reveille/orchestration';
import { expect, test } from 'vitest';
import { createDockerDriver } from '../../src/index.ts';
import { context, never, quiet } from '../support/test-driver.ts';

const asked: StartRequest = {
  name: 'reveille-subject-global-1',
  instance: 'subject~global' as InstanceKey,
  service: 'subject' as ServiceName,
  generation: 1,
  spec: service.parse({ start: { docker: { image: 'some:1' } } }),
  catalogDir: import.meta.dirname,
  values: { scopeKey: 'global' as ScopeKey, generation: 1, deps: new Map() },
  environment: {},
};

/** An Engine that answers as the test says, and a driver that uses it. */
async function withEngine(answer: http.RequestListener) {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as { port: number };
  const driver = driverAt(`tcp://127.0.0.1:${port}`);
  return {
    driver,
    async [Symbol.asyncDispose]() {
      await driver[Symbol.asyncDispose]();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function driverAt(DOCKER_HOST: string) {
  return createDockerDriver({ namespace: randomUUID(), logger: quiet, env: { DOCKER_HOST } });
}

const refuse = (response: http.ServerResponse, status: number, message: string): void => {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ message }));
};

/** Begins an answer and ends the connection within it. */
const cut = (response: http.ServerResponse): void => {
  response.flushHeaders();
  setImmediate(() => response.destroy());
};

test('a host without an Engine runs nothing of ours, and a start there says what is missing', async () => {
  await using driver = driverAt('unix:///no/such/docker.sock');
  expect(await driver.list(never())).toEqual([]);
  await expect(driver.start(asked, context())).rejects.toMatchObject({
    code: 'driver_error',
    message: expect.stringContaining('/no/such/docker.sock cannot be reached: there is no such socket'),
  });
  expect(await driver.stop(asked, { graceMs: 0, signal: never() })).toMatchObject({ stopped: false });
});

test('an address that is none is refused in words', async () => {
  await using driver = driverAt('ssh://elsewhere');
  await expect(driver.start(asked, context())).rejects.toThrow('unix://PATH or tcp://HOST:PORT is expected');
});

test('what the Engine says of its own fault is passed on', async () => {
  await using engine = await withEngine((_, response) => refuse(response, 500, 'the disk is full'));
  await expect(engine.driver.start(asked, context())).rejects.toMatchObject({
    code: 'driver_error',
    message: expect.stringContaining('the disk is full'),
  });
  await expect(engine.driver.list(never())).rejects.toThrow('the disk is full');
});

test('a start is given up while the Engine says nothing', async () => {
  const leave = new AbortController();
  let seen = 0;
  await using engine = await withEngine(() => {
    seen += 1;
    leave.abort();
  });
  const started = engine.driver.start(asked, context({ signal: leave.signal }));
  await expect(started).rejects.toMatchObject({ code: 'cancelled' });
  // Nothing is ended: another may go on with it.
  expect(seen).toBe(1);
});

test('a pull that the registry denies, and one that is cut off, fail as pulls', async () => {
  for (const [end, words] of [
    [(r: http.ServerResponse) => r.end(`${JSON.stringify({ error: 'access denied' })}\n`), 'access denied'],
    [cut, 'ended the connection'],
    [(r: http.ServerResponse) => r.end(), 'does not have it'],
  ] as const) {
    await using engine = await withEngine((request, response) => {
      if (request.url?.startsWith('/images/create')) end(response);
      else refuse(response, 404, 'there is none');
    });
    await expect(engine.driver.start(asked, context())).rejects.toMatchObject({
      code: 'image_pull_failed',
      message: expect.stringContaining(words),
    });
  }
});
