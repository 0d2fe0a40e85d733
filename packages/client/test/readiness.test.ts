import { describe, expect, it } from 'vitest';
import { ReveilleError } from '../src/index.ts';
import { open, quick } from './open.ts';
import { completed, failed, message, ScriptedEdge, started } from './scripted-edge.ts';

describe('the state of a client', () => {
  it('is told to who listens, until he stops', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge, { reconnect: false });
    const [heard, stopped]: string[][] = [[], []];
    client.onState((state) => heard?.push(state));
    const stop = client.onState((state) => stopped?.push(state));
    const connection = await edge.connection();
    await connection.welcome();
    connection.say(completed);
    await client.ready();
    stop();
    connection.vanish();
    await client.closed;
    expect(heard).toEqual(['waiting', 'ready', 'closed']);
    expect(stopped).toEqual(['waiting', 'ready']);
    expect(client.error).toMatchObject({ code: 'closed', closeCode: 1006 });
  });
});

describe('a client that connects', () => {
  it('says who it is, and is ready when the service answers', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge, {
      entrypoint: 'my chat',
      token: async () => 'token-1',
      as: { user: 'ada', tenant: 'acme' },
      client: { name: 'test', version: '9' },
    });
    expect(client.state).toBe('connecting');
    const connection = await edge.connection();
    expect(connection.path).toBe('/v1/connect/my%20chat');
    expect(await connection.welcome()).toEqual({
      type: 'hello',
      token: 'token-1',
      as: { user: 'ada', tenant: 'acme' },
      client: { name: 'test', version: '9' },
    });
    connection.say(started);
    await connection.handled();
    expect(client.state).toBe('waiting');
    const ready = client.ready();
    connection.say(completed);
    await ready;
    expect(client.state).toBe('ready');
    await client.ready();
  });

  it('shows every frame in order, to iterations and to listeners of its type', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const frames = client.frames()[Symbol.asyncIterator]();
    const heard: string[] = [];
    client.on('*', ({ type }) => heard.push(type));
    const stop = client.on('message', ({ seq }) => heard.push(`seq ${seq}`));
    const connection = await edge.connection();
    await connection.welcome();
    connection.say(completed, message(1, 'a'));
    const types: string[] = [];
    for (let n = 0; n < 3; n += 1) types.push((await frames.next()).value.type);
    stop();
    connection.say(message(2, 'b'));
    await frames.next();
    expect(types).toEqual(['welcome', 'initialization_completed', 'message']);
    expect(heard).toEqual(['welcome', 'initialization_completed', 'seq 1', 'message', 'message']);
    client.close();
    expect((await frames.next()).done).toBe(true);
  });

  it('refuses an address that is none', () => {
    const edge = { url: 'ftp://127.0.0.1' };
    expect(() => open(edge as ScriptedEdge)).toThrow(TypeError);
  });

  it('gives up on an edge that cannot be reached, in words', async () => {
    const edge = await ScriptedEdge.start();
    edge.stop();
    const client = open(edge, { reconnect: { ...quick, initialAttempts: 3 } });
    await expect(client.ready()).rejects.toMatchObject({ name: 'ReveilleError', code: 'closed', closeCode: 1006 });
    expect(await client.closed).toMatchObject({ code: 1006 });
    expect(client.state).toBe('closed');
    await expect(client.send('late')).rejects.toMatchObject({ code: 'closed' });
  });

  it('says why a token could not be had', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge, { reconnect: false, token: () => Promise.reject(new Error('login needed')) });
    expect(await client.closed).toEqual({ code: 1006, reason: 'login needed' });
  });

  it('is ended by its signal, even while a token is awaited', async () => {
    const edge = await ScriptedEdge.start();
    const stop = new AbortController();
    const client = open(edge, { signal: stop.signal, token: () => new Promise<string>(() => undefined) });
    stop.abort();
    expect(await client.closed).toEqual({ code: 1000, reason: 'closed by the client' });
    expect(await open(edge, { signal: AbortSignal.abort() }).closed).toMatchObject({ code: 1000 });
  });
});

describe('a failed initialization', () => {
  it('rejects those who wait with the root cause, and a retry may help', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const waiting = expect(client.ready()).rejects.toMatchObject({
      code: 'exited_early',
      failure: { service: 'bridge', message: 'Bridge stopped while it was starting.' },
      retryAfterMs: 1000,
    });
    const connection = await edge.connection();
    await connection.welcome();
    connection.say(started, failed({ retryable: true, retryAfterMs: 1000 }));
    await waiting;
    expect(client.state).toBe('failed');
    await expect(client.ready()).rejects.toBeInstanceOf(ReveilleError);
    client.retry();
    await connection.expect('retry');
    const again = client.ready();
    connection.say({ ...started, reason: 'retry' }, completed);
    await again;
  });

  it('stays failed when the retry comes too early', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const connection = await edge.connection();
    await connection.welcome();
    connection.say(started, failed({ retryable: true, retryAfterMs: 1000 }));
    await connection.handled();
    client.retry();
    await connection.expect('retry');
    connection.say({ type: 'error', code: 'cooling_down', message: 'Too early.', retryAfterMs: 700 });
    await expect(client.ready()).rejects.toMatchObject({ code: 'cooling_down', retryAfterMs: 700 });
    expect(client.state).toBe('failed');
  });

  it('that nothing can mend closes the client with the root cause', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const connection = await edge.connection();
    await connection.welcome();
    connection.say(started, failed({ retryable: false }));
    connection.close(4503, 'initialization failed');
    expect(await client.closed).toEqual({ code: 4503, reason: 'initialization failed' });
    await expect(client.ready()).rejects.toMatchObject({ code: 'exited_early', closeCode: 4503 });
  });

  it('that nobody retried is not started again by a reconnect', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const connection = await edge.connection();
    await connection.welcome();
    connection.say(started, failed({ retryable: true, retryAfterMs: 1 }));
    connection.close(1013, 'try again later');
    expect(await client.closed).toMatchObject({ code: 1013 });
  });

  it('can be asked for by cancel', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const connection = await edge.connection();
    await connection.welcome();
    connection.say(started);
    await connection.handled();
    client.cancel();
    expect(await connection.expect('cancel')).toEqual({ type: 'cancel' });
  });
});

describe('a client that ends', () => {
  it('says goodbye and confirms what it has received first', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const connection = await edge.connection();
    await connection.welcome();
    const arrived = new Promise((resolve) => client.on('message', resolve));
    connection.say(completed, message(1, 'a'));
    await arrived;
    await client[Symbol.asyncDispose]();
    expect(await connection.expect('received')).toEqual({ type: 'received', seq: 1 });
    expect(await connection.closed).toEqual({ code: 1000, reason: 'closed by the client' });
    expect(client.state).toBe('closed');
  });

  it('does not wait for an edge that does not answer its goodbye', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const connection = await edge.connection();
    await connection.welcome();
    await connection.handled();
    connection.freeze();
    client.close();
    expect(await client.closed).toMatchObject({ code: 1000 });
  });
});
