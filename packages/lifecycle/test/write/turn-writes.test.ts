import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { setImmediate as nextRound } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { TurnWrites } from '../../src/index.ts';

/** A connection that writes down which texts left together. */
function counted() {
  const calls: string[][] = [];
  const connection = new Writable({
    decodeStrings: false,
    write: (chunk: string, _, done) => (calls.push([chunk]), done()),
    writev: (chunks, done) => (calls.push(chunks.map(({ chunk }) => String(chunk))), done()),
  });
  const writes = new TurnWrites(connection);
  const write = (text: string): void => {
    writes.gather();
    connection.write(text);
  };
  return { calls, write };
}

test('what is written in one turn leaves together, and what is written in the next one after it', async () => {
  const { calls, write } = counted();
  for (const text of ['a', 'b', 'c']) write(text);
  expect(calls).toEqual([]);
  await nextRound();
  write('d');
  await nextRound();
  expect(calls).toEqual([['a', 'b', 'c'], ['d']]);
});

test('what is written while the rest leaves is not kept back', async () => {
  const { calls, write } = counted();
  write('a');
  process.nextTick(() => write('b'));
  await nextRound();
  expect(calls.flat()).toEqual(['a', 'b']);
});

test('a connection that is ended in the same turn still takes everything along', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket: Socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [peer] = (await once(server, 'connection')) as [Socket];
  const writes = new TurnWrites(socket);
  for (const text of ['a', 'b']) {
    writes.gather();
    socket.write(text);
  }
  socket.end('c');
  expect(String(Buffer.concat(await peer.toArray()))).toBe('abc');
  server.close();
});
