import { closeCodes } from '@reveille/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Edge } from '../../src/index.ts';
import { readClientFrame } from '../../src/session/dispatch.ts';
import { chatCatalog } from '../harness/catalogs.ts';
import { frameOf, RawSocket } from '../harness/raw-socket.ts';
import { World } from '../harness/world.ts';

const [fin, text, binary, close, ping, pong] = [0x80, 0x1, 0x2, 0x8, 0x9, 0xa];
const known = new Set<number>(Object.values(closeCodes).map(({ code }) => code));
/** What the framing layer closes with by itself (RFC 6455, 7.4.1), and no close frame at all. */
const framing = new Set([1002, 1006, 1007, 1008, 1009]);

let world: World;
let edge: Edge;
beforeAll(async () => {
  const limits = { connectionsPerUser: 1_000, messagesPerSecond: 1_000 };
  world = await World.create({ on: 'memory', catalog: chatCatalog({ limits }), timings: { helloMs: 500 } });
  edge = await world.edge();
});
afterAll(() => world[Symbol.asyncDispose]());

/** The edge still serves, logged no fault of its own, and holds no session of those who are gone. */
async function isUnharmed(): Promise<void> {
  const user = await world.user(edge, 'honest');
  user.say({ type: 'nonsense' });
  expect(await user.next('error')).toMatchObject({ code: 'unknown_type' });
  const sessions = async () =>
    /^\S*sessions\S* (\d+)$/m.exec(await (await fetch(`${edge.url.replace('ws', 'http')}/metrics`)).text())?.[1];
  await expect.poll(sessions).toBe('1');
  await user[Symbol.asyncDispose]();
  await expect.poll(sessions).toBe('0');
  expect(world.log.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
}

const faults: [string, number, Buffer[]][] = [
  ['a reserved bit', 1002, [frameOf(fin | 0x40 | text, '{}')]],
  ['a reserved opcode', 1002, [frameOf(fin | 0x3, '{}')]],
  ['a reserved control opcode', 1002, [frameOf(fin | 0xb, '')]],
  ['a frame without mask', 1002, [frameOf(fin | text, '{}', { masked: false })]],
  ['a control frame in pieces', 1002, [frameOf(ping, 'x')]],
  ['a control frame of more than 125 bytes', 1002, [frameOf(fin | ping, 'x'.repeat(126))]],
  ['the rest of a message that never began', 1002, [frameOf(fin, 'x')]],
  ['a message within the pieces of another', 1002, [frameOf(text, '{'), frameOf(fin | text, '}')]],
  ['text that is no UTF-8', 1007, [frameOf(fin | text, Buffer.from([0xc3, 0x28]))]],
  ['text whose last piece breaks UTF-8', 1007, [frameOf(text, Buffer.from([0xe2])), frameOf(fin, Buffer.from([0x28]))]],
  ['a close of one byte', 1002, [frameOf(fin | close, 'x')]],
  ['a close code that may not be sent', 1002, [frameOf(fin | close, Buffer.from([0x03, 0xed]))]],
  ['a close code below all', 1002, [frameOf(fin | close, Buffer.from([0, 1]))]],
  ['a close reason that is no UTF-8', 1007, [frameOf(fin | close, Buffer.from([0x03, 0xe8, 0xff]))]],
  ['more than the edge reads at all', 1009, [frameOf(fin | text, '', { size: 100_000_000 })]],
  ['a length of 2^63', 1009, [frameOf(fin | text, '', { size: 2n ** 63n })]],
  ['binary instead of text', 4501, [frameOf(fin | binary, '{"type":"pong"}')]],
  ['a text that is no frame', 4501, [frameOf(fin | text, 'rubbish')]],
];
test.each(faults)('%s closes %i', async (_, code, frames) => {
  await using raw = await RawSocket.open(edge.url);
  for (const frame of frames) raw.say(frame);
  expect(await raw.code()).toBe(code);
});

test.each([
  { wide: false, bits: 16 },
  { wide: true, bits: 64 },
])(
  'a message in pieces is one, with a ping between them, a letter over two, and lengths of $bits bits',
  async ({ wide }) => {
    await using raw = await RawSocket.open(edge.url);
    const user = `Zoë ${'x'.repeat(100)}`;
    const hello = { type: 'hello', client: { name: 'raw', version: '1' }, as: { user, tenant: 'acme' } };
    const bytes = Buffer.from(JSON.stringify(hello));
    // In the middle of the letter.
    const cut = bytes.indexOf(Buffer.from('ë')) + 1;
    raw.say(frameOf(text, bytes.subarray(0, cut), { wide }));
    raw.say(frameOf(fin | ping, 'between'));
    raw.say(frameOf(0, bytes.subarray(cut, cut + 1), { wide }));
    raw.say(frameOf(0, '', { wide }));
    raw.say(frameOf(fin, bytes.subarray(cut + 1), { wide }));
    await expect.poll(() => raw.frames.length).toBeGreaterThanOrEqual(2);
    expect(raw.frames[0]).toEqual({ opcode: pong, payload: Buffer.from('between') });
    const [welcome] = raw.frames
      .filter(({ opcode }) => opcode === text)
      .map(({ payload }) => JSON.parse(String(payload)));
    expect(welcome).toMatchObject({ type: 'welcome', user });
  },
);

test('whatever bytes follow the handshake, the edge closes with a code of its own, and goes on', async () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });
  const framed = fc
    .tuple(fc.constantFrom(0x0, 0x1, 0x2, 0x8, 0x9, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8a, 0xc1), bytes, fc.boolean())
    .map(([first, payload, masked]) => frameOf(first, payload, { masked }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(bytes, framed), { minLength: 1, maxLength: 5 }), async (pieces) => {
      await using raw = await RawSocket.open(edge.url);
      for (const piece of pieces) raw.say(piece);
      const code = await raw.code();
      const isEchoed = pieces.some((piece) => Buffer.from(piece).includes(Buffer.from([code >> 8, code & 0xff])));
      expect(known.has(code) || framing.has(code) || code === 1005 || isEchoed, String(code)).toBe(true);
    }),
    { numRuns: 100 },
  );
  await isUnharmed();
});

const field = fc.oneof(fc.jsonValue(), fc.constantFrom('', 'x'.repeat(65), -1, 1e308, null, '__proto__', '\ud800'));
const names = fc.constantFrom(
  'type',
  'id',
  'data',
  'seq',
  'token',
  'client',
  'resume',
  'as',
  '__proto__',
  'constructor',
);
const types = fc.constantFrom(
  'hello',
  'send',
  'received',
  'retry',
  'cancel',
  'refresh',
  'pong',
  'nonsense',
  'toString',
);
const nearly = fc
  .tuple(types, fc.array(fc.tuple(names, field), { maxLength: 5 }))
  .map(
    ([type, fields]) =>
      `{${[['type', type], ...fields].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
  );
const said = fc.oneof(
  { weight: 4, arbitrary: nearly },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.json() },
);

test('no text is read as anything but a frame, a refusal or malformed, and none pollutes a prototype', () => {
  fc.assert(
    fc.property(said, (frame) => {
      const read = readClientFrame(Buffer.from(frame), false);
      expect(['frame', 'refused', 'malformed']).toContain(read.kind);
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

test('whatever a client says after hello, it is answered or closed with a code of the table, and the edge goes on', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(said, { minLength: 1, maxLength: 8 }), async (frames) => {
      const user = await world.user(edge, 'fuzzer');
      for (const frame of frames) user.say(frame);
      user.say('rubbish');
      const { code } = await user.closed;
      expect([...known], frames.join('\n')).toContain(code);
    }),
    { numRuns: 60 },
  );
  await isUnharmed();
});
