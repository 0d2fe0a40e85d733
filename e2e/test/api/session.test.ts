import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ApiDocument, closed } from '../../src/api/document.ts';
import { RecordedClient, Recording } from '../../src/api/recorded-client.ts';
import { Cluster, runs } from '../../src/cluster.ts';
import type { Deployable } from '../../src/deployables.ts';
import { eventually } from '../../src/world/eventually.ts';

const chat = `upstream: { websocket: { path: /session } }, provenance: endpoint, deadlineMs: 60000`;
const catalog = (dir: string): string => `
version: 1
services:
  scribe: { name: Scribe, scope: user, start: { ${runs('scribe', join(dir, 'scribe.jsonl'))} } }
  broken: { start: { process: { command: [node, --eval, process.exit(3)] } }, retry: { attempts: 2, backoffMs: 10 }, cooldownMs: 60000 }
  missing: { start: { process: { command: [/nowhere/at/all] } } }
  silent: { start: { process: { command: [node, --eval, 'setInterval(() => 0, 1000)'] } }, deadlineMs: 2000 }
entrypoints:
  chat: { service: scribe, ${chat}, allowedOrigins: ['https://app.example.com'], limits: { messagesPerSecond: 5, connectionsPerUser: 1, messageBytes: 1000 }, authenticity: { forbid: [{ path: $.mode, equals: emergency_mode }] } }
  broken: { service: broken, ${chat}, logTailFor: [operator] }
  missing: { service: missing, ${chat} }
  silent: { service: silent, ${chat.replace('60000', '2000')} }
`;
const secret = randomBytes(32).toString('base64url');

const recording = new Recording();
let document: ApiDocument;
let cluster: Cluster;
/** One where everybody is whom he says, and one that asks for tokens. */
let open: Deployable, strict: Deployable;

beforeAll(async () => {
  document = await ApiDocument.read('asyncapi.json');
  const redisUrl = inject('redisUrl');
  cluster = await Cluster.start({ redisUrl, catalog, env: { REVEILLE_HEARTBEAT: '1s' } });
  [open] = cluster.of('edge') as [Deployable];
  strict = cluster.add('edge', { REVEILLE_AUTH: 'jwt', REVEILLE_JWT_SECRET: secret });
  await strict.running();
});
afterAll(() => cluster[Symbol.asyncDispose]());

async function at(edge: Deployable, entrypoint: string, options?: ConstructorParameters<typeof RecordedClient>[3]) {
  return new RecordedClient(recording, await edge.url(), entrypoint, options).opened();
}

const as = (user: string) => ({ as: { user, tenant: 'acme' } });

function token(roles: string[], seconds: number): Promise<string> {
  const claims = new SignJWT({ tenant: 'acme', roles }).setProtectedHeader({ alg: 'HS256' }).setSubject('dora');
  return claims.setExpirationTime(Math.floor(Date.now() / 1000) + seconds).sign(Buffer.from(secret));
}

test('a whole conversation is held: from cold to an answer, resumed, interrupted, limited, drained', async () => {
  using first = await at(open, 'chat');
  const { session, resumeKey } = await first.hello(as('ada'));
  first.say({ type: 'send', id: 'm1', data: { text: 'hello' } } as never);
  await first.next('initialization_started');
  await first.next('service_completed');
  await first.next('initialization_completed');
  await first.next('accepted');
  const { seq } = await first.next('message');
  first.say({ type: 'received', seq } as never);
  first.say({ type: 'send', id: 'm1', data: { text: 'hello' } } as never);
  await first.next('accepted');
  await first.next('ping');
  first.say({ type: 'retry' });
  expect(await first.next('error')).toMatchObject({ code: 'not_ready' });
  first.sayWrong('{"type":"shout","id":"m2"}');
  expect(await first.next('error')).toMatchObject({ code: 'unknown_type' });
  first.sayWrong('{"type":"send","id":"m3"}');
  expect(await first.next('error')).toMatchObject({ code: 'bad_frame' });
  first.say({ type: 'send', id: 'large', data: 'x'.repeat(2000) } as never);
  expect(await first.next('rejected')).toMatchObject({ code: 'too_large' });

  using crowded = await at(open, 'chat');
  crowded.say({ type: 'hello', client: { name: 'recorder', version: '1' }, ...as('ada') } as never);
  expect(await crowded.closed).toMatchObject({ code: 4504 });
  first.socket.terminate();
  await first.closed;
  using second = await at(open, 'chat');
  const resume = { session, key: resumeKey, lastSeq: seq };
  expect(await second.hello({ ...as('ada'), resume })).toMatchObject({ resumed: true, session });

  await second.next('initialization_completed');
  second.say({ type: 'send', id: 'm4', data: 'die' } as never);
  expect(await second.next('interrupted')).toMatchObject({ ids: ['m4'] });
  await second.next('initialization_completed');
  for (let n = 0; n < 10; n += 1) second.say({ type: 'send', id: `f${n}`, data: n } as never);
  expect(await second.next('rejected')).toMatchObject({ code: 'rate_limited' });

  using impostor = await at(open, 'chat');
  await impostor.hello(as('bob'));
  impostor.say({ type: 'send', id: 'm1', data: { mode: 'emergency_mode' } } as never);
  expect(await impostor.closed).toMatchObject({ code: 4510 });

  using renewing = await at(strict, 'chat');
  await renewing.hello({ token: await token(['admin'], 60) });
  renewing.say({ type: 'refresh', token: await token([], 60) } as never);
  renewing.say({ type: 'send', id: 'after', data: 1 } as never);
  await renewing.next('message');
});

test('a start that fails is told, tried again too early, cancelled, and one that is slow or cannot be retried', async () => {
  using failing = await at(open, 'broken');
  await failing.hello(as('ada'));
  failing.say({ type: 'send', id: 'm1', data: 1 } as never);
  await failing.next('service_failed');
  expect(await failing.next('rejected')).toMatchObject({ id: 'm1', code: 'exited_early' });
  await failing.next('initialization_failed');
  failing.say({ type: 'retry' });
  expect(await failing.next('error')).toMatchObject({ code: 'cooling_down' });
  failing.say({ type: 'cancel' });
  expect(await failing.closed).toMatchObject({ code: 1000 });
  using hopeless = await at(open, 'missing');
  await hopeless.hello(as('ada'));
  expect(await hopeless.closed).toMatchObject({ code: 4503 });
  using slow = await at(open, 'silent');
  await slow.hello(as('ada'));
  await slow.next('initialization_slow');
  slow.say({ type: 'cancel' });
  expect(await slow.next('initialization_failed')).toMatchObject({ failure: { code: 'cancelled' } });
});

test('sockets that may not go on are closed with their codes', async () => {
  const closing = async (
    edge: Deployable,
    options: Parameters<typeof at>[2] & { entrypoint?: string; first?: string },
  ) => {
    const { entrypoint = 'chat', first, ...rest } = options;
    using client = await at(edge, entrypoint, rest);
    if (first !== undefined) client.sayWrong(first);
    return (await client.closed).code;
  };
  using flooder = await at(open, 'chat');
  await flooder.hello(as('mallory'));
  // For ten seconds more messages than a user may say; while that lasts the others are looked at.
  let said = 0;
  const flood = setInterval(() => {
    for (let n = 0; n < 3; n += 1) flooder.say({ type: 'send', id: `m${(said += 1)}`, data: said } as never);
  }, 100);
  using sleeper = await at(open, 'chat');
  await sleeper.hello(as('sleeper'));
  await sleeper.next('initialization_completed');
  sleeper.say({ type: 'send', id: 'm1', data: 'much' } as never);
  sleeper.socket.pause();
  // It lives, and does not read.
  const signs = setInterval(() => sleeper.say({ type: 'pong' }), 200);
  const helloOf = (text: string): string =>
    JSON.stringify({ type: 'hello', client: { name: 'r', version: '1' }, token: text });
  expect(await closing(open, { entrypoint: 'nowhere' })).toBe(4505);
  expect(await closing(open, { protocols: [] })).toBe(4506);
  expect(await closing(open, { headers: { origin: 'https://evil.example' } })).toBe(4509);
  expect(await closing(open, { first: 'not JSON' })).toBe(4501);
  expect(await closing(open, { first: `"${'x'.repeat(200_000)}"` })).toBe(1009);
  expect(await closing(strict, { first: helloOf('forged') })).toBe(4500);
  // Clocks may differ by 30 s: what has just ended still lets in, for as long.
  expect(await closing(strict, { first: helloOf(await token([], -28)) })).toBe(4005);
  using mute = await at(open, 'chat', { mute: true });
  await mute.hello(as('mute'));
  expect(await mute.closed).toMatchObject({ code: 4012 });
  const isTooSlow = (): boolean => open.log.some(({ msg }) => msg === 'a client does not read');
  await eventually(isTooSlow, 'nobody saw that a client does not read').finally(() => clearInterval(signs));
  sleeper.socket.resume();
  expect(await sleeper.closed).toMatchObject({ code: 4008 });
  expect(await flooder.closed.finally(() => clearInterval(flood))).toMatchObject({ code: 4013 });
});

test('one socket too many from an address, seen by another edge than that of the first, is told to try later', async () => {
  const edges = ['one', 'two'].map(() => cluster.add('edge', { REVEILLE_CONNECTIONS_PER_ADDRESS: '1' }));
  await Promise.all(edges.map((edge) => edge.running()));
  using first = await at(edges[0]!, 'chat');
  using second = await at(edges[1]!, 'chat');
  // Whose place was told first stays.
  expect(await Promise.race([first.closed, second.closed])).toMatchObject({ code: 1013 });
});

test('an edge that goes away says so', async () => {
  using last = await at(open, 'chat');
  await last.hello(as('cleo'));
  await last.next('initialization_completed');
  open.child.kill('SIGTERM');
  await last.next('draining');
  expect(await last.closed).toMatchObject({ code: 1012 });
});

test('every frame that was said is one that docs/asyncapi.json describes, and each of its frames was said', () => {
  const judge = judgeOf(document);
  const types = { client: new Set<string>(), edge: new Set<string>() };
  for (const { by, frame } of recording.said) {
    types[by].add(frame.type);
    expect(judge(frame), JSON.stringify(frame)).toEqual([]);
  }
  expect([...types.client].toSorted()).toEqual(messagesOf('hear_client'));
  expect([...types.edge].toSorted()).toEqual(messagesOf('tell_client'));
  expect(judge({ type: 'message', seq: 1 })).not.toEqual([]);
  expect(judge({ type: 'ping', answer: 'invented' })).not.toEqual([]);
});

test('every close is one of the codes in docs/asyncapi.json, with its word on coming back', () => {
  const documented = document.at('/channels/session')['x-close-codes'] as { code: number; reason: string }[];
  const seen = new Set(recording.closes.map(({ code }) => code));
  expect([...seen].toSorted((a, b) => a - b)).toEqual(documented.map(({ code }) => code).toSorted((a, b) => a - b));
});

test('what an edge and a service said to one another is described too', async () => {
  const judge = judgeOf(document);
  const lines = (await readFile(join(cluster.dir, 'scribe.jsonl'), 'utf8')).trim().split('\n');
  const notes = lines.map((line) => JSON.parse(line) as { headers?: object; command?: object; event?: object });
  const said = { command: new Set<string>(), event: new Set<string>() };
  for (const { command, event } of notes)
    for (const [kind, frame] of Object.entries({ command, event })) {
      if (frame === undefined) continue;
      said[kind as 'command' | 'event'].add((frame as { type: string }).type);
      expect(judge(frame as { type: string }), JSON.stringify(frame)).toEqual([]);
    }
  expect([...said.command].toSorted()).toEqual(messagesOf('tell_service'));
  expect([...said.event].toSorted()).toEqual(messagesOf('hear_service'));
  const headers = new Set(notes.flatMap((note) => Object.keys(note.headers ?? {})));
  const bindings = document.at('/channels/upstream/bindings/ws/headers/properties');
  const ofWebSockets = ['connection', 'host', 'sec-websocket-key', 'sec-websocket-version', 'upgrade'];
  expect([...headers].filter((name) => !ofWebSockets.includes(name)).toSorted()).toEqual(
    Object.keys(bindings).toSorted(),
  );
});

function messagesOf(operation: string): string[] {
  const { messages } = document.at(`/operations/${operation}`) as { messages: { $ref: string }[] };
  return messages.map(({ $ref }) => $ref.split('/').at(-1) ?? '').toSorted();
}

/** What is wrong with a frame by the document: its own schema, and no field beside. */
function judgeOf({ root }: ApiDocument): (frame: { type: string; [field: string]: unknown }) => unknown[] {
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addSchema(closed(root) as object, 'asyncapi');
  return (frame) => {
    const valid = ajv.getSchema(`asyncapi#/components/schemas/${frame.type}`);
    if (valid === undefined) return [`no frame is called ${frame.type}`];
    valid(frame);
    return valid.errors ?? [];
  };
}
