import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CatalogInput, type Endpoint, liveProbe } from '@reveille/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAlive, type CommandContext } from '../../src/index.ts';
import { Lifeline } from '../support/lifeline.ts';
import { never } from '../support/test-driver.ts';

type Probe = NonNullable<CatalogInput['services'][string]['live']>;

const server = http.createServer((request, response) => {
  if (request.url === '/livez') response.end();
  else if (request.url === '/broken') response.writeHead(500).end();
});
let endpoint: Endpoint;
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  endpoint = { url: `http://127.0.0.1:${port}/api`, host: '127.0.0.1', port };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const command: CommandContext = { cwd: '/', env: { PATH: process.env['PATH'] ?? '' }, render: (text) => text };

function look(probe: Probe, at: Endpoint = endpoint) {
  return checkAlive(liveProbe.parse(probe), at, { signal: never(), command });
}

describe('one look at a ready service', () => {
  it.each([
    ['http', { http: { path: '/livez' } }],
    ['tcp', { tcp: {} }],
    ['exec', { exec: { command: ['node', '-e', '0'] } }],
  ])('sees by %s that it lives', async (_, probe) => {
    expect(await look(probe)).toEqual({ alive: true });
  });

  it.each([
    [{ http: { path: '/broken' } }, 'it answers with status 500, expected is 2xx'],
    [{ http: { path: '/hangs', timeoutMs: 50 } }, 'no answer within 50 ms'],
    [{ exec: { command: ['node', '-e', 'process.exit(3)'] } }, 'the probe command ended with exit code 3'],
    [
      { exec: { command: ['/no/such/probe'] } },
      'the command "/no/such/probe" cannot be run: there is no file /no/such/probe',
    ],
  ])('by %j sees that it does not, and why', async (probe, reason) => {
    expect(await look(probe)).toEqual({ alive: false, reason, refused: false });
  });

  it.each([{ http: { path: '/livez' } }, { tcp: {} }])('by %j sees that nothing listens', async (probe) => {
    const once = http.createServer();
    await new Promise<void>((resolve) => once.listen(0, '127.0.0.1', resolve));
    const { port } = once.address() as AddressInfo;
    await new Promise((resolve) => once.close(resolve));
    const at = { url: `http://127.0.0.1:${port}`, host: '127.0.0.1', port };
    expect(await look(probe, at)).toMatchObject({ alive: false, refused: true });
  });

  it('kills a probe command that takes too long, and its children', async () => {
    await using lifeline = await Lifeline.open();
    const child = JSON.stringify(lifeline.hold('child'));
    const source = `require('node:child_process').spawn('node', ['-e', ${child}]); ${lifeline.hold('probe')}`;
    const [liveness, ...held] = await Promise.all([
      look({ exec: { command: ['node', '-e', source] }, timeoutMs: 3000 }),
      lifeline.member('probe'),
      lifeline.member('child'),
    ]);
    expect(liveness).toEqual({ alive: false, reason: 'no answer within 3000 ms', refused: false });
    await Promise.all(held.map(({ gone }) => gone));
  });

  it('is refused for what is said only once', async () => {
    await expect(look({ reported: true })).rejects.toMatchObject({ code: 'driver_error' });
  });

  it('ends with its signal', async () => {
    const reason = new Error('enough');
    const probe = liveProbe.parse({ http: { path: '/hangs' }, timeoutMs: 60_000 });
    const enough = new AbortController();
    const looking = checkAlive(probe, endpoint, { signal: enough.signal });
    enough.abort(reason);
    await expect(looking).rejects.toBe(reason);
  });
});
