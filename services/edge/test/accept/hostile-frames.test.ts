import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import type { Client } from '../harness/client.ts';
import { World } from '../harness/world.ts';

async function sayAndClose(say: (client: Client) => void): Promise<number> {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const edge = await world.edge();
  const user = await world.user(edge);
  say(user);
  return (await user.closed).code;
}

test.each(['', 'hello', '{', '[]', 'null', '3', '"x"', '{}', '{"type":7}', '{"type":null}', '\ufeff{"type":"pong"}'])(
  'the frame %s closes 4501',
  async (frame) => expect(await sayAndClose((user) => user.say(frame))).toBe(4501),
);

test('a binary frame closes 4501', async () => {
  expect(await sayAndClose((user) => user.socket.send(Buffer.from('{"type":"pong"}'), { binary: true }))).toBe(4501);
});

test('a message in a thousand pieces is refused', async () => {
  const code = await sayAndClose((user) => {
    for (let piece = 0; piece < 1_000; piece += 1) user.socket.send('x', { fin: false });
  });
  expect([1008, 1006]).toContain(code);
});

test('an unknown type or a wrong field is an error, and the socket stays', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const edge = await world.edge();
  const user = await world.user(edge);
  const wrong: [object | string, object][] = [
    [
      { type: 'teleport', id: 'x' },
      { code: 'unknown_type', id: 'x' },
    ],
    [{ type: 'constructor' }, { code: 'unknown_type' }],
    [{ type: 'send', data: 1 }, { code: 'bad_frame' }],
    [
      { type: 'send', id: 'x' },
      { code: 'bad_frame', id: 'x' },
    ],
    [{ type: 'send', id: '', data: 1 }, { code: 'bad_frame' }],
    [{ type: 'send', id: 'y'.repeat(65), data: 1 }, { code: 'bad_frame' }],
    [{ type: 'received', seq: -1 }, { code: 'bad_frame' }],
    [{ type: 'hello', client: { name: 'again', version: '1' } }, { code: 'bad_frame' }],
    [{ type: 'retry' }, { code: 'not_ready' }],
    [`{"type":"send","id":"deep","data":${'['.repeat(100)}${']'.repeat(100)}}`, { code: 'bad_frame' }],
    [`{"type":"send","id":"deeper","data":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`, { code: 'bad_frame' }],
  ];
  for (const [frame, error] of wrong) {
    user.say(frame);
    expect(await user.next('error')).toMatchObject(error);
  }
});

test('keys that would pollute prototypes are data like any other, and reach the service as they are', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const user = await world.user(edge);
  const upstream = await service.next();
  const data = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"a":[{"__proto__":1}]}';
  user.say(`{"type":"send","id":"m","__proto__":{"type":"hello"},"data":${data}}`);
  const taken = await upstream.take();
  expect(JSON.stringify(taken.data)).toBe(data);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  upstream.say(`{"type":"emit","n":1,"data":${data}}`);
  expect(JSON.stringify((await user.next('message')).data)).toContain('polluted');
});

test('anything before hello closes 4500, rubbish before hello 4501', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const edge = await world.edge();
  const first = async (frame: unknown): Promise<number> => {
    const client = await world.client(edge);
    client.say(frame);
    return (await client.closed).code;
  };
  expect(await first({ type: 'send', id: 'a', data: 1 })).toBe(4500);
  expect(await first({ type: 'nonsense' })).toBe(4500);
  expect(await first({ type: 'hello' })).toBe(4500);
  expect(await first('rubbish')).toBe(4501);
});

test('frames that come in one packet with hello are heard in order', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const client = await world.client(edge);
  client.hello({ as: { user: 'ada', tenant: 'acme' } });
  client.say({ type: 'send', id: 'a', data: 1 });
  client.say({ type: 'send', id: 'b', data: 2 });
  const upstream = await service.next();
  expect([(await upstream.take()).id, (await upstream.take()).id]).toEqual(['a', 'b']);
});

test('shell characters in ids and scopes are ids like any other: the service gets them whole, names stay hashes', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const [user, tenant] = ['$(rm -rf /) `x` ü / * >', '../../etc; DROP'];
  const edge = await world.edge();
  const client = await world.user(edge, user, tenant);
  await client.next('initialization_started');
  await world.until(() => world.jobs.length === 2);
  for (const job of world.jobs) expect(job.instance).toMatch(/^[a-z]+~(global|[a-z2-7]{26})$/);
});
