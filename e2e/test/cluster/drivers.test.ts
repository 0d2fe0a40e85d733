import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { connect } from '@reveille/client';
import { expect, inject, test } from 'vitest';
import { Cluster } from '../../src/cluster.ts';

const module = fileURLToPath(new URL('../../src/service/echo-module.ts', import.meta.url));

/** Somebody else's API, which runs stores in this process. */
async function somebodyElse() {
  let store: Server | undefined;
  const calls: string[] = [];
  const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const end = (): void => {
    store?.closeAllConnections();
    store?.close();
    store = undefined;
  };
  const answer = async (what: string): Promise<object | undefined> => {
    if (what !== 'status') calls.push(what);
    if (what === 'start') {
      store = createServer((_, response) => response.end('kept elsewhere')).listen(0, '127.0.0.1');
      await once(store, 'listening');
    }
    if (what === 'stop') end();
    return store && { url: urlOf(store) };
  };
  const api = createServer((request, response) => {
    void answer(request.url?.slice(1) ?? '').then((said) => {
      response.writeHead(said === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(said ?? {}));
    });
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  return {
    ...{ url: urlOf(api), calls, end },
    async [Symbol.asyncDispose]() {
      end();
      api.closeAllConnections();
      await new Promise((closed) => api.close(closed));
    },
  };
}

test('a user is answered by a module that runs on what somebody else started, also after that was lost', async () => {
  await using other = await somebodyElse();
  const call = (method: string, what: string): string => `{ method: ${method}, url: '${other.url}/${what}' }`;
  const catalog = `
version: 1
services:
  store:
    start: { http: { start: ${call('POST', 'start')}, stop: ${call('POST', 'stop')}, status: ${call('GET', 'status')} } }
  echo:
    dependsOn: [store]
    start: { module: { path: '${module}', env: { NODE_OPTIONS: '--conditions=@reveille/source' } } }
entrypoints:
  chat: { service: echo, upstream: { websocket: { path: /session } }, deadlineMs: 60000 }
`;
  await using cluster = await Cluster.start({ redisUrl: inject('redisUrl'), catalog });
  const url = (await cluster.of('edge')[0]?.url()) ?? '';
  await using client = connect({ url, entrypoint: 'chat' });
  const [first] = await Array.fromAsync(client.ask('hello'));
  expect(first?.data).toMatchObject({ data: 'hello', store: 'kept elsewhere' });
  expect(other.calls).toEqual(['start']);

  const again = new Promise((resolve) => client.on('initialization_completed', resolve));
  other.end();
  await again;
  const [second] = await Array.fromAsync(client.ask('still there?'));
  expect(second?.data).toMatchObject({ data: 'still there?', store: 'kept elsewhere' });
  expect(other.calls.filter((what) => what === 'start')).toHaveLength(2);
}, 120_000);
