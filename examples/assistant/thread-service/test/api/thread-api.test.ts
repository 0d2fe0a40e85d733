import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@reveille/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createThreadApi } from '../../src/api/thread-api.ts';
import { migrate } from '../../src/database/migrate.ts';
import type { OpenDatabase } from '../../src/database/opened.ts';
import { testDatabases } from '../support/databases.ts';

/** Creating a database takes seconds, on a busy machine many. */
const CREATE_TIMEOUT_MS = 180_000;
const log = createLogger({ name: 'test', level: 'silent' });
const CSV = 'time,input_tokens,output_tokens\n2024-01-01,1,2\n';

/** What answers carry, as far as the tests look into it; each answer has one of them. */
interface Body {
  thread: { createdAt: string };
  message: { position: number };
  messages: { id: string; position: number }[];
  table: { hash: string; name: string; content: string };
  tables: { name: string }[];
}

describe.each(testDatabases())('the thread API on $name', (database) => {
  let opened: OpenDatabase;
  let server: Server;
  let url: string;
  let count = 0;

  beforeAll(async () => {
    opened = await database.open();
    await migrate(opened.db, () => undefined);
    server = createServer(createThreadApi(opened.db, log)).listen(0, '127.0.0.1');
    server.keepAliveTimeout = 65_000;
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }, CREATE_TIMEOUT_MS);

  afterAll(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    await opened[Symbol.asyncDispose]();
  }, CREATE_TIMEOUT_MS);

  interface Answer {
    status: number;
    body: Body;
  }

  async function ask(
    method: string,
    path: string,
    body?: unknown,
    owner: Record<string, string> = { tenant: 'acme', user: 'ann' },
  ): Promise<Answer> {
    const headers = Object.fromEntries(Object.entries(owner).map(([name, value]) => [`x-reveille-${name}`, value]));
    const response = await fetch(url + path, {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Body };
  }

  /** A thread that no other test uses. */
  async function begin(owner?: Record<string, string>): Promise<string> {
    count += 1;
    const path = `/threads/session-${count}`;
    expect((await ask('PUT', path, undefined, owner)).status).toBe(201);
    return path;
  }

  it('begins a thread once, also when asked many times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask('PUT', '/threads/herd')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ body }) => body.thread.createdAt)).size).toBe(1);
    expect((await ask('GET', '/threads/herd')).body).toMatchObject({ thread: { session: 'herd' } });
  });

  it('keeps messages in order with all that they carry', async () => {
    const thread = await begin();
    await ask('POST', `${thread}/messages`, {
      id: 'm1',
      role: 'user',
      text: 'Where do the tokens go? "ß – 🙂"',
      data: { files: ['a.csv'], deep: [1, { two: null }] },
    });
    await ask('POST', `${thread}/messages`, { id: 'm2', role: 'assistant', text: '# Into the input' });
    await ask('POST', `${thread}/messages`, { id: 'm3', role: 'user', text: 'and money?', data: [1, 2] });
    const { body } = await ask('GET', `${thread}/messages`);
    expect(body.messages).toMatchObject([
      {
        id: 'm1',
        role: 'user',
        text: 'Where do the tokens go? "ß – 🙂"',
        data: { files: ['a.csv'], deep: [1, { two: null }] },
      },
      { id: 'm2', role: 'assistant', text: '# Into the input', data: null },
      { id: 'm3', role: 'user', text: 'and money?', data: [1, 2] },
    ]);
  });

  it('adds a message once, however often and in whatever parallel it is sent', async () => {
    const thread = await begin();
    const message = { id: 'once', role: 'user', text: 'hello', data: { b: 1, a: [2] } };
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask('POST', `${thread}/messages`, message)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ body }) => body.message.position)).size).toBe(1);
    expect((await ask('GET', `${thread}/messages`)).body.messages).toHaveLength(1);
  });

  it('refuses another message under an id that is taken', async () => {
    const thread = await begin();
    await ask('POST', `${thread}/messages`, { id: 'm', role: 'user', text: 'one' });
    expect(await ask('POST', `${thread}/messages`, { id: 'm', role: 'user', text: 'two' })).toMatchObject({
      status: 409,
      body: { error: { code: 'message_id_reused' } },
    });
  });

  it('gives each of many parallel messages a position of its own', async () => {
    const thread = await begin();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        ask('POST', `${thread}/messages`, { id: `p${index}`, role: 'user', text: 'x' }),
      ),
    );
    const { body } = await ask('GET', `${thread}/messages`);
    const positions = body.messages.map(({ position }) => position);
    expect(positions).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('lists the last messages, and those before a position', async () => {
    const thread = await begin();
    for (const id of ['a', 'b', 'c', 'd']) await ask('POST', `${thread}/messages`, { id, role: 'user', text: id });
    const idsOf = ({ body }: Answer): string[] => body.messages.map(({ id }) => id);
    expect(idsOf(await ask('GET', `${thread}/messages?limit=2`))).toEqual(['c', 'd']);
    expect(idsOf(await ask('GET', `${thread}/messages?limit=2&before=3`))).toEqual(['a', 'b']);
  });

  it('stores a table once by its content, and the one sent last is the latest', async () => {
    const thread = await begin();
    const first = await ask('POST', `${thread}/tables`, { name: 'a.csv', type: 'text/csv', content: CSV });
    expect(first).toMatchObject({
      status: 201,
      body: { created: true, table: { name: 'a.csv', bytes: Buffer.byteLength(CSV) } },
    });
    const second = await ask('POST', `${thread}/tables`, { name: 'b.csv', content: `${CSV}2024-01-02,3,4\n` });
    expect((await ask('GET', `${thread}/tables/latest`)).body.table.hash).toBe(second.body.table.hash);
    const again = await ask('POST', `${thread}/tables`, { name: 'a2.csv', content: CSV });
    expect(again).toMatchObject({
      status: 200,
      body: { created: false, table: { name: 'a2.csv', hash: first.body.table.hash } },
    });
    expect((await ask('GET', `${thread}/tables/latest`)).body.table).toMatchObject({ name: 'a2.csv', content: CSV });
    expect((await ask('GET', `${thread}/tables/${second.body.table.hash}`)).body.table.name).toBe('b.csv');
    expect((await ask('GET', `${thread}/tables`)).body.tables.map(({ name }) => name)).toEqual(['a2.csv', 'b.csv']);
  });

  it('stores a table of 10 MiB whole, and refuses a larger one in words', async () => {
    const thread = await begin();
    const content = 'x,"y"\n'.repeat(2 * 1024 * 1024).slice(0, 10 * 1024 * 1024);
    expect((await ask('POST', `${thread}/tables`, { name: 'big.csv', content })).status).toBe(201);
    expect((await ask('GET', `${thread}/tables/latest`)).body.table.content === content).toBe(true);
    for (const larger of [`${content}x`, content + content + content]) {
      expect(await ask('POST', `${thread}/tables`, { name: 'big.csv', content: larger })).toMatchObject({
        status: 413,
        body: { error: { code: 'too_large', message: expect.stringContaining('10 MiB') } },
      });
    }
  });

  it('shows nothing of a thread to another user, nor to the same user name in another tenant', async () => {
    const thread = await begin();
    await ask('POST', `${thread}/messages`, { id: 'm', role: 'user', text: 'secret' });
    const { body } = await ask('POST', `${thread}/tables`, { name: 'secret.csv', content: CSV });
    const { hash } = body.table;
    for (const other of [
      { tenant: 'acme', user: 'bob' },
      { tenant: 'other', user: 'ann' },
      { tenant: '', user: 'ann' },
    ]) {
      const paths = ['', '/messages', '/tables/latest', `/tables/${hash}`].map((rest) => thread + rest);
      for (const path of paths) expect((await ask('GET', path, undefined, other)).status, path).toBe(404);
      expect((await ask('GET', `${thread}/tables`, undefined, other)).body).toEqual({ tables: [] });
      expect((await ask('POST', `${thread}/messages`, { id: 'n', role: 'user', text: 'x' }, other)).status).toBe(404);
      expect((await ask('POST', `${thread}/tables`, { name: 'x', content: CSV }, other)).status).toBe(404);
      // The same session name is theirs to use, and stays apart.
      expect((await ask('PUT', thread, undefined, other)).status).toBe(201);
      expect((await ask('GET', `${thread}/messages`, undefined, other)).body).toEqual({ messages: [] });
    }
    expect((await ask('GET', `${thread}/messages`)).body.messages).toHaveLength(1);
  });

  it.each([
    ['no owner', { method: 'PUT', path: '/threads/x', owner: {} }, 400, 'invalid_request'],
    ['no user', { method: 'GET', path: '/threads/x', owner: { tenant: 'acme' } }, 400, 'invalid_request'],
    ['an unknown thread', { method: 'GET', path: '/threads/unknown/messages' }, 404, 'thread_not_found'],
    [
      'a message for an unknown thread',
      { method: 'POST', path: '/threads/unknown/messages', body: { id: 'm', role: 'user', text: '' } },
      404,
      'thread_not_found',
    ],
    ['no table yet', { method: 'GET', path: '/threads/herd/tables/latest' }, 404, 'table_not_found'],
    ['a hash that is none', { method: 'GET', path: '/threads/herd/tables/xyz' }, 400, 'invalid_request'],
    [
      'a wrong role',
      { method: 'POST', path: '/threads/herd/messages', body: { id: 'm', role: 'robot', text: '' } },
      400,
      'invalid_request',
    ],
    [
      'a field too many',
      { method: 'POST', path: '/threads/herd/messages', body: { id: 'm', role: 'user', text: '', user: 'bob' } },
      400,
      'invalid_request',
    ],
    [
      'a NUL character',
      { method: 'POST', path: '/threads/herd/messages', body: { id: 'm', role: 'user', text: 'a\u0000b' } },
      400,
      'invalid_request',
    ],
    [
      'a NUL character in data',
      { method: 'POST', path: '/threads/herd/messages', body: { id: 'm', role: 'user', text: '', data: ['\u0000'] } },
      400,
      'invalid_request',
    ],
    [
      'an empty table',
      { method: 'POST', path: '/threads/herd/tables', body: { name: 'a', content: '' } },
      400,
      'invalid_request',
    ],
    ['a wrong limit', { method: 'GET', path: '/threads/herd/messages?limit=0' }, 400, 'invalid_request'],
    ['another path', { method: 'GET', path: '/users' }, 404, 'not_found'],
  ])(
    'answers %s with a code and words',
    async (
      _name,
      request: { method: string; path: string; body?: unknown; owner?: Record<string, string> },
      status,
      code,
    ) => {
      const answer = await ask(request.method, request.path, request.body, request.owner);
      expect(answer).toMatchObject({ status, body: { error: { code, message: expect.stringMatching(/\.|:/) } } });
    },
  );

  it('answers a body that is no JSON', async () => {
    const response = await fetch(`${url}/threads/herd/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(response.status).toBe(400);
  });

  it('is ready while the database answers', async () => {
    expect(await ask('GET', '/readyz')).toEqual({ status: 200, body: { ready: true } });
    expect((await ask('GET', '/livez')).status).toBe(200);
  });
});
