import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../src/world/eventually.ts';
import { TcpProxy } from '../../src/world/tcp-proxy.ts';

/** A server that says everything back, and a client of it behind the proxy. */
let server: Server;
let proxy: TcpProxy;
const pieces: Buffer[] = [];

beforeEach(async () => {
  pieces.length = 0;
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      pieces.push(bytes);
      socket.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await TcpProxy.before(() => (server.address() as AddressInfo).port);
});
afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  server.close();
});

async function client(): Promise<{ socket: Socket; heard: () => string; closed: Promise<unknown> }> {
  const socket = connect({ host: '127.0.0.1', port: proxy.port });
  let text = '';
  socket.on('data', (bytes) => (text += String(bytes)));
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await Promise.race([once(socket, 'connect').catch(() => undefined), closed]);
  return { socket, heard: () => text, closed };
}

test('passes on what is said, both ways', async () => {
  const { socket, heard } = await client();
  socket.write('hello');
  await eventually(() => heard() === 'hello', 'nothing came back');
});

test('delays each piece without changing the order, and pieces do not wait for one another', async () => {
  proxy.delay(() => 100);
  const { socket, heard } = await client();
  const beganAt = performance.now();
  for (let n = 0; n < 30; n++) {
    socket.write(`${n},`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const all = Array.from({ length: 30 }, (_, n) => `${n},`).join('');
  await eventually(
    () => heard() === all,
    () => `heard ${heard()}`,
  );
  expect(performance.now() - beganAt).toBeGreaterThan(200);
  expect(proxy.counts.delayed).toBeGreaterThan(0);
});

test('slices what it passes on', async () => {
  proxy.slice(3);
  const { socket, heard } = await client();
  socket.write('abcdefghij');
  await eventually(() => heard() === 'abcdefghij', 'nothing came back');
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(10);
});

test('cuts: connections end, and none is let in until it heals', async () => {
  const { closed } = await client();
  proxy.cut();
  await closed;
  await (
    await client()
  ).closed;
  proxy.heal();
  const { socket, heard } = await client();
  socket.write('again');
  await eventually(() => heard() === 'again', 'nothing came back');
});

test('half-open: nothing gets through and nobody is told, until it heals and that connection is reset', async () => {
  const { socket, heard, closed } = await client();
  proxy.halfOpen();
  socket.write('lost');
  await eventually(() => proxy.counts.swallowed === 1, 'it was not swallowed');
  expect([heard(), socket.destroyed]).toEqual(['', false]);
  proxy.heal();
  await closed;
});

test('a trap lets the piece with its text through and no answer back, or not even that', async () => {
  const first = await client();
  const sprung = proxy.holdAfter('secret', 'down');
  first.socket.write('a secret');
  await sprung;
  await eventually(() => String(Buffer.concat(pieces)) === 'a secret', 'it did not arrive');
  await eventually(() => proxy.counts.swallowed === 1, 'the answer was not swallowed');
  expect(first.heard()).toBe('');
  proxy.heal();
  // It would be out of step for ever.
  await first.closed;
  const second = await client();
  const held = proxy.holdAfter('secret', 'up');
  second.socket.write('another secret');
  await held;
  expect(String(Buffer.concat(pieces))).toBe('a secret');
});
