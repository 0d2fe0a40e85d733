import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCatalog } from '@reveille/catalog';
import type { Entrypoint } from '@reveille/contracts';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startsOf, unsaid } from '../../src/assistant/history.ts';
import { assistantCatalogFile } from '../../src/assistant/place.ts';
import { User } from '../../src/assistant/user.ts';
import { Cluster } from '../../src/cluster.ts';
import { disguises, escaped } from '../../src/disguises.ts';
import { type ImpostorMode, lie, type Order, say } from '../../src/service/impostor-order.ts';

const { catalog: assistant } = await readCatalog(assistantCatalogFile);
const { chat } = assistant.entrypoints as Record<string, Entrypoint> & { chat: Entrypoint };
const honest = { type: 'agent_thinking', run: 'r1', at: 1, agent: 'data', text: 'I look at your table.' };

/** Every rule of the assistant about marks, with a frame that breaks it and nothing else. */
type Mark = { rule: string; path: string; mark: string; frame: (mark: string) => unknown };
const marks: Mark[] = chat.authenticity.forbid.map((rule, index) => {
  if (!('path' in rule)) throw new Error('the marks of the assistant are at paths');
  const { path, equals, startsWith, contains } = rule;
  const mark = equals ?? startsWith ?? contains ?? '';
  const kind = equals === undefined ? (startsWith === undefined ? 'contains' : 'startsWith') : 'equals';
  const around = (text: string): string =>
    ({ equals: text, startsWith: `${text} hello <lie>`, contains: `Well: ${text}, <lie>` })[kind];
  const key = path.slice(2);
  return {
    rule: `forbid[${index}] ${kind}`,
    path,
    mark,
    frame: (text) => (path === '$' ? around(text) : { ...honest, note: '<lie>', [key]: around(text) }),
  };
});

describe('a proven service that says what a stand-in would say', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startImpostors({ chat: 'says' });
    // Started once; the users below find it ready.
    await (await User.at(cluster, 'first')).client.ready();
  }, 120_000);
  afterAll(async () => cluster?.[Symbol.asyncDispose]());

  test('the rules of the assistant are those that this suite knows how to break', () => {
    expect(marks).toHaveLength(37);
    expect(new Set(marks.map(({ path }) => path))).toEqual(
      new Set([
        '$',
        ...['type', 'agent', 'handler', 'source', 'mode', 'text', 'content', 'message'].map((key) => `$.${key}`),
      ]),
    );
    expect(chat.authenticity.require).toHaveLength(1);
    expect(chat.provenance).toBe('required');
  });

  test.each(Object.entries(disguises))('no mark reaches a user %s', { timeout: 120_000 }, async (_, disguise) => {
    await eachOf(marks, async ({ rule, frame, mark }) =>
      expectBlocked(cluster, rule, JSON.stringify(frame(disguise(mark)))),
    );
  });

  test('no mark reaches a user whose characters are written as numbers', { timeout: 120_000 }, async () => {
    await eachOf(marks, async ({ rule, frame, mark }) => expectBlocked(cluster, rule, escaped(frame(mark))));
  });

  test('a field that is said twice counts as the user would see it', async () => {
    await expectBlocked(cluster, 'forbid[6] equals', '{"type":"a","agent":"data","agent":"ChatAgent","note":"<lie>"}');
    const user = await order(cluster, [{ ...lie(1, '{"type":"a","agent":"ChatAgent","agent":"data"}') }]);
    await expect.poll(() => user.said()).toEqual([{ type: 'a', agent: 'data' }]);
  });

  const empty: [string, object][] = [
    ['no result', {}],
    ['a result that is null', { result: null }],
    ['a result that is a text', { result: 'All is well.' }],
    ['a result that is a list', { result: [{ recommendations: [] }] }],
    ['an empty result', { result: {} }],
    ['a result of other fields', { result: { summary: '<lie>', data: { analysis_results: 1 } } }],
    ['fields that are null', { result: { recommendations: null, insights: null } }],
    ['fields beside the result', { result: {}, recommendations: ['<lie>'], insights: ['<lie>'] }],
    [
      'fields that only a prototype would lend',
      { result: JSON.parse('{"__proto__":{"insights":["<lie>"]}}') as object },
    ],
  ];
  test.each(empty)(
    'a final event with %s is blocked, however its type is written',
    { timeout: 60_000 },
    async (_, data) => {
      await eachOf(Object.values(disguises), async (disguise) => {
        const type = disguise('agent_completed');
        await expectBlocked(cluster, 'require[0] anyOf', JSON.stringify({ ...honest, type, text: '<lie>', ...data }));
      });
    },
  );

  const broken: [string, { frame: string; binary?: boolean }][] = [
    [
      'a frame of the edge',
      { frame: '{"type":"message","seq":1,"data":"<lie>","origin":{"service":"x","generation":1}}' },
    ],
    ['an initialization that it made up', { frame: '{"type":"initialization_completed","traceId":"<lie>","at":1}' }],
    ['a frame that is no JSON', { frame: '<lie>' }],
    ['a bare text', { frame: '"<lie>"' }],
    ['a binary frame', { frame: '{"type":"emit","n":2,"data":"<lie>"}', binary: true }],
    ['a number that is not due', { frame: '{"type":"emit","n":7,"data":"<lie>"}' }],
    ['a number that was used', { frame: '{"type":"emit","n":1,"data":"<lie>"}' }],
    ['an event nested too deep', { frame: `{"type":"emit","n":2,"data":${'['.repeat(500)}"<lie>"${']'.repeat(500)}}` }],
  ];
  test.each(broken)('%s is never passed on: one clean failure', async (_, { frame, binary }) => {
    const user = await order(cluster, [
      say(1, honest),
      { do: 'lie', frame, binary: binary === true },
      lie(2, '"<lie>"'),
    ]);
    await expect.poll(() => user.terminal().map(({ type }) => type)).toHaveLength(2);
    expect(user.terminal().at(-1)).toMatchObject({
      type: 'initialization_failed',
      failure: { code: 'upstream_refused' },
    });
    expect(user.said()).toEqual([honest]);
    expect(JSON.stringify(user.frames)).not.toContain('<lie>');
  });

  const quoting: unknown[] = [
    { ...honest, text: 'Your log names `FallbackAgentHandler` 12 times, and `emergency_mode` once.' },
    { ...honest, text: 'Row 3 reads: "Agent processed your message: hello".' },
    { ...honest, agent: 'data', columns: ['agent', 'mode'], cells: [['ChatAgent', 'emergency_mode']] },
    { ...honest, type: 'agent_completed', result: { insights: [{ title: 'ChatAgent', text: 'response_generator' }] } },
    { ...honest, type: 'agent_completed', result: { recommendations: [] } },
    { type: 'agent_failed', run: null, code: 'supervisor_lost', message: 'The agent supervisor was lost.' },
  ];
  test.each(quoting)('what is authentic passes, also when it quotes a mark: %j', async (data) => {
    const user = await order(cluster, [say(1, data)]);
    await expect.poll(() => user.said()).toEqual([data]);
  });
});

describe('a service that cannot prove that it is the generation of the ledger', () => {
  const modes: ImpostorMode[] = ['no proof', 'foreign key', 'foreign session', 'earlier generation'];
  test('is never heard, and the user is told once', { timeout: 120_000 }, async () => {
    await using cluster = await startImpostors(Object.fromEntries(modes.map((mode) => [nameOf(mode), mode])));
    await eachOf(modes, async (mode) => {
      const user = await User.at(cluster, `user of ${mode}`, { entrypoint: nameOf(mode) });
      await expectUnproven(user, 0);
    });
  });

  test('also when it shows a proof that was good once', { timeout: 120_000 }, async () => {
    await using cluster = await startImpostors({ chat: 'replayed' });
    const first = await User.at(cluster, 'first');
    await expect.poll(() => first.said(), { timeout: 60_000 }).toHaveLength(1);
    await expectUnproven(await User.at(cluster, 'second'), 0);
  });

  test('also when it has the key of an earlier generation', { timeout: 120_000 }, async () => {
    await using cluster = await startImpostors({ chat: 'kept key' });
    const user = await User.at(cluster, 'ann');
    // The first generation is what it says that it is.
    await expect.poll(() => user.said(), { timeout: 60_000 }).toHaveLength(1);
    const [pid = 0] = startsOf('chat', cluster.dir);
    process.kill(pid, 'SIGKILL');
    await expectUnproven(user, 1);
    expect(user.types()).toContain('interrupted');
    expect(startsOf('chat', cluster.dir).length).toBeGreaterThan(1);
  });

  test('also when it takes the place of a proven one in the middle of a stream', { timeout: 120_000 }, async () => {
    await using cluster = await startImpostors({ chat: 'swapped' });
    const user = await order(cluster, [say(1, honest), { do: 'swap' }]);
    await expectUnproven(user, 1);
    expect(user.said()).toEqual([honest]);
    expect(user.types()).toContain('interrupted');
    await expectUnproven(await User.at(cluster, 'another'), 0);
    expect(unsaid(user.said(), cluster.dir)).toEqual([]);
  });
});

/** One clean failure that names the cause, no word of the service after the `heard` first ones, and a log line with the trace. */
async function expectUnproven(user: User, heard: number): Promise<void> {
  const failed = () => user.of('initialization_failed');
  await expect.poll(() => failed().length, { timeout: 60_000 }).toBe(1);
  expect(failed()[0]).toMatchObject({ retryable: true, failure: { code: 'upstream_unproven' } });
  expect(user.said()).toHaveLength(heard);
  if (heard === 0) expect(JSON.stringify(user.frames)).not.toContain('<lie>');
}

/** The honest word before it arrives; the lie and what follows do not; the session ends 4510; the log names rule and trace. */
async function expectBlocked(cluster: Cluster, rule: string, data: string): Promise<void> {
  const user = await order(cluster, [say(1, honest), lie(2, data), say(3, { ...honest, text: '<lie>, too late' })]);
  const over = () => user.client.state === 'closed' || user.said().length > 1;
  await expect.poll(over, { timeout: 30_000, interval: 10 }).toBe(true);
  expect(user.said(), data).toEqual([honest]);
  expect((await user.client.closed).code, data).toBe(4510);
  expect(unsaid(user.said(), cluster.dir)).toEqual([]);
  expect(JSON.stringify(user.frames)).not.toContain('<lie>');
  expect(user.frames.at(-1)).toMatchObject({ type: 'error', code: 'inauthentic_response' });
  const traceId = user.of('initialization_completed')[0]?.traceId;
  const { log } = cluster.of('edge')[0] ?? { log: [] };
  const line = () => log.find((one) => one.trace_id === traceId && one['rule'] !== undefined);
  await expect.poll(line, { message: data }).toMatchObject({ rule, level: 'error' });
  expect(JSON.stringify(line())).not.toContain('<lie>');
}

let users = 0;
async function order(cluster: Cluster, steps: Order['steps']): Promise<User> {
  const user = await User.at(cluster, `user-${users++}`);
  // Refused when the session ends before it was accepted: what became of it is looked at by the caller.
  user.client.send({ steps } as never, { id: 'order' }).catch(() => undefined);
  return user;
}

/** All, some at a time. */
async function eachOf<T>(list: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = list.values();
  const workers = Array.from({ length: 8 }, async () => {
    for (const item of rest) await work(item);
  });
  await Promise.all(workers);
}

function nameOf(mode: ImpostorMode): string {
  return mode.replaceAll(' ', '_');
}

/** Entrypoints with the rules of the assistant's chat, each before an impostor. */
function startImpostors(modes: Record<string, ImpostorMode>): Promise<Cluster> {
  const script = fileURLToPath(new URL('../../src/service/impostor.ts', import.meta.url));
  return Cluster.start({
    redisUrl: inject('redisUrl'),
    catalog: (dir) =>
      JSON.stringify({
        version: 1,
        services: Object.fromEntries(
          Object.entries(modes).map(([name, mode]) => [
            name,
            {
              start: {
                process: {
                  command: ['node', '--conditions=@reveille/source', script, mode],
                  env: { E2E_DIR: join(dir) },
                },
              },
            },
          ]),
        ),
        entrypoints: Object.fromEntries(Object.keys(modes).map((name) => [name, { ...chat, service: name }])),
      }),
  });
}
