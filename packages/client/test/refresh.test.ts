import { afterEach, describe, expect, it, vi } from 'vitest';
import { open } from './open.ts';
import { completed, failed, ScriptedEdge } from './scripted-edge.ts';
import { jwt } from './token.ts';

/** Sockets are real; only what waits for a token to grow old does not wait. */
function fakeTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
}
afterEach(() => void vi.useRealTimers());

function provider(seconds = 100) {
  const given: string[] = [];
  const token = (): string => {
    given.push(jwt({ exp: Date.now() / 1000 + seconds, n: given.length }));
    return given.at(-1) ?? '';
  };
  return { given, token };
}

describe('a client with a token provider', () => {
  it('refreshes its token before that ends, and begins anew with the next connection', async () => {
    fakeTime();
    const edge = await ScriptedEdge.start();
    const { given, token } = provider();
    open(edge, { token });
    const first = await edge.connection();
    expect(await first.welcome()).toMatchObject({ token: given[0] });
    first.say(completed);
    await first.handled();
    await vi.advanceTimersByTimeAsync(90_000);
    expect(await first.expect('refresh')).toEqual({ type: 'refresh', token: given[1] });
    await first.handled();
    first.vanish();
    const asked = edge.connection();
    await vi.waitFor(async () => {
      await vi.advanceTimersByTimeAsync(1);
      expect(given).toHaveLength(3);
    });
    const second = await asked;
    expect(await second.welcome({ resumed: true })).toMatchObject({ token: given[2] });
    second.say(completed);
    await second.handled();
    await vi.advanceTimersByTimeAsync(90_000);
    expect(await second.expect('refresh')).toEqual({ type: 'refresh', token: given[3] });
    expect(given).toHaveLength(4);
  });

  it('asks for another one when the edge refuses that, and for none because of another error', async () => {
    fakeTime();
    const edge = await ScriptedEdge.start();
    const { given, token } = provider();
    open(edge, { token });
    const connection = await edge.connection();
    await connection.welcome();
    connection.say(completed);
    await connection.handled();
    await vi.advanceTimersByTimeAsync(86_000);
    expect(await connection.expect('refresh')).toMatchObject({ token: given[1] });
    connection.say({ type: 'error', code: 'not_ready', message: 'No initialization is under way.' });
    await connection.handled();
    await vi.advanceTimersByTimeAsync(12_000);
    expect(given).toHaveLength(2);
    connection.say({ type: 'error', code: 'bad_frame', message: 'The token was refused: no known key signed it.' });
    await connection.handled();
    await vi.advanceTimersByTimeAsync(1_900);
    expect(await connection.expect('refresh')).toMatchObject({ token: given[2] });
  });

  it('asks for another one when that cannot be checked, and takes it for no answer to a retry', async () => {
    fakeTime();
    const edge = await ScriptedEdge.start();
    const { given, token } = provider();
    const client = open(edge, { token });
    const connection = await edge.connection();
    await connection.welcome();
    connection.say(failed({ retryable: true }));
    await connection.handled();
    client.retry();
    await connection.expect('retry');
    await vi.advanceTimersByTimeAsync(86_000);
    expect(await connection.expect('refresh')).toMatchObject({ token: given[1] });
    connection.say({ type: 'error', code: 'unavailable', message: 'Tokens cannot be checked.', retryAfterMs: 5000 });
    await connection.handled();
    expect(client.state).toBe('waiting');
    await vi.advanceTimersByTimeAsync(12_500);
    expect(await connection.expect('refresh')).toMatchObject({ token: given[2] });
  });

  it('of a text has no other token to give', async () => {
    fakeTime();
    const edge = await ScriptedEdge.start();
    open(edge, { token: jwt({ exp: Date.now() / 1000 + 100 }) });
    const connection = await edge.connection();
    await connection.welcome();
    await connection.handled();
    await vi.advanceTimersByTimeAsync(101_000);
    await connection.handled();
    expect(connection.unread).toEqual([]);
  });
});
