import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { clientSubprotocol, type ServerFrame } from '@reveille/contracts';
import { expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { Cluster, runs } from '../../src/cluster.ts';
import { startOtlpReceiver } from '../../src/otlp-receiver.ts';

const catalog = `
version: 1
services:
  store: { name: Store, start: { ${runs('store')} }, ready: { reported: true } }
  echo: { name: Echo, dependsOn: [store], start: { ${runs('echo', '/dev/null')} } }
entrypoints:
  chat: { service: echo, upstream: { websocket: { path: /session } } }
`;

/** Takes connections, and never says a word. */
async function silentCollector(): Promise<{ url: string } & AsyncDisposable> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.on('error', () => undefined))).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

test('a collector that takes everything and never answers is not felt by users, and is told of once', async () => {
  await using collector = await silentCollector();
  await using cluster = await Cluster.start({
    redisUrl: inject('redisUrl'),
    catalog,
    env: {
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_TIMEOUT: '300' },
      ...{ OTEL_BSP_SCHEDULE_DELAY: '50', OTEL_METRIC_EXPORT_INTERVAL: '500' },
    },
  });
  const client = await cluster.connect('ann');
  for (const text of ['one', 'two', 'three']) {
    const [answer] = await Array.fromAsync(client.ask({ text }));
    expect(answer?.data).toMatchObject({ data: { text } });
  }
  const [edge] = cluster.of('edge');
  const told = () => edge?.log.filter(({ msg }) => msg.includes('the export of telemetry is in trouble')).length;
  await expect.poll(told, { timeout: 30_000 }).toBe(1);
  const [answer] = await Array.fromAsync(client.ask({ text: 'four' }));
  expect(answer?.data).toMatchObject({ data: { text: 'four' } });
  expect(told()).toBe(1);
});

test('a trace context and the baggage of a user are not read: neither a trace nor a service gets them', async () => {
  await using collector = await startOtlpReceiver();
  await using cluster = await Cluster.start({
    redisUrl: inject('redisUrl'),
    catalog,
    env: {
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
  });
  const url = `${await cluster.of('edge')[0]?.url()}/v1/connect/chat`;
  const theirs = 'deadbeefdeadbeefdeadbeefdeadbeef';
  const headers = {
    traceparent: `00-${theirs}-00f067aa0ba902b7-01`,
    tracestate: 'x=1',
    baggage: `planted=${'b'.repeat(8000)}`,
  };
  const socket = new WebSocket(url, [clientSubprotocol], { headers });
  const completed = Promise.withResolvers<ServerFrame>();
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as ServerFrame;
    if (frame.type === 'initialization_completed') completed.resolve(frame);
  });
  await once(socket, 'open');
  socket.send(
    JSON.stringify({ type: 'hello', as: { user: 'ann', tenant: 'acme' }, client: { name: 'test', version: '1' } }),
  );
  expect(JSON.stringify(await completed.promise)).not.toContain(theirs);
  socket.close();
  await expect.poll(() => collector.spans.some(({ name }) => name === 'reveille.wait'), { timeout: 30_000 }).toBe(true);
  for (const word of [theirs, 'planted']) expect(collector.texts.join('')).not.toContain(word);

  // More than headers may hold is refused before anything of it is looked at, and the edge goes on.
  const enormous = new WebSocket(url, [clientSubprotocol], { headers: { baggage: 'b'.repeat(64_000) } });
  const [error] = (await once(enormous, 'error').catch((caught: unknown) => [caught])) as [Error];
  expect(error.message).toContain('431');
  const [answer] = await Array.fromAsync((await cluster.connect('bob')).ask({ text: 'hello' }));
  expect(answer?.data).toMatchObject({ data: { text: 'hello' } });
});
