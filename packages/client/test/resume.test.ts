import { describe, expect, it } from 'vitest';
import type { MessageFrame, ReveilleClient } from '../src/index.ts';
import { open, quick } from './open.ts';
import { completed, message, ScriptedEdge } from './scripted-edge.ts';

function heard(client: ReveilleClient): string[] {
  const texts: string[] = [];
  client.on('message', ({ data }) => texts.push(String(data)));
  return texts;
}

async function collect(answer: AsyncIterable<MessageFrame>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const { data } of answer) all.push(data);
  return all;
}

describe('a lost connection', () => {
  it('is taken up where it was: nothing lost, nothing twice', async () => {
    const edge = await ScriptedEdge.start();
    const tokens = ['first', 'second'];
    const client = open(edge, { token: () => tokens.shift() ?? 'none' });
    const texts = heard(client);
    const first = await edge.connection();
    expect(await first.welcome()).toMatchObject({ token: 'first' });
    first.say(completed, message(1, 'a'), message(2, 'b'));
    await first.expect('received');
    const sent = client.send('not yet accepted', { id: 'm1' });
    await first.expect('send');
    first.vanish();
    const second = await edge.connection();
    const hello = await second.welcome({ resumed: true });
    expect(hello).toMatchObject({ token: 'second', resume: { session: 's1', key: 'k1', lastSeq: 2 } });
    expect(await second.expect('send')).toMatchObject({ id: 'm1', data: 'not yet accepted' });
    second.say({ type: 'accepted', id: 'm1' }, completed, message(2, 'b'), message(3, 'c'));
    await sent;
    await second.handled();
    expect(texts).toEqual(['a', 'b', 'c']);
    expect(client.state).toBe('ready');
  });

  it('keeps an answer going when the session is resumed', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const answer = collect(client.ask('why?', { id: 'm1' }));
    const first = await edge.connection();
    await first.welcome();
    await first.expect('send');
    first.say({ type: 'accepted', id: 'm1' }, message(1, 'thinking', { re: 'm1' }));
    await first.handled();
    first.vanish();
    const second = await edge.connection();
    await second.welcome({ resumed: true });
    second.say(completed, message(2, 'because', { re: 'm1', final: true }));
    expect(await answer).toEqual(['thinking', 'because']);
    expect(second.unread.filter(({ type }) => type === 'send')).toEqual([]);
  });

  it('is told of with what was accepted and has no answer, no more once it was answered, refused or named', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const sent = ['a', 'b', 'c', 'd'].map((id) => client.send('?', { id }));
    const refused = expect(client.send('?', { id: 'e' })).rejects.toMatchObject({ code: 'too_large' });
    const first = await edge.connection();
    expect((await first.welcome()).resume).toBeUndefined();
    for (let read = 0; read < 5; read += 1) await first.expect('send');
    first.say(...['a', 'b', 'c', 'd'].map((id) => ({ type: 'accepted', id }) as const));
    first.say({ type: 'rejected', id: 'e', code: 'too_large', message: 'no' }, completed);
    first.say(message(1, 'answer', { re: 'b', final: true }), message(2, 'half an answer', { re: 'c' }));
    first.say({ type: 'interrupted', reason: 'service_lost', ids: ['d'] });
    await Promise.all(sent);
    await refused;
    await first.handled();
    expect(client.resume).toEqual({ session: 's1', key: 'k1', lastSeq: 2, unanswered: ['a', 'c'] });
    first.vanish();
    const second = await edge.connection();
    expect((await second.welcome({ resumed: true })).resume?.unanswered).toEqual(['a', 'c']);
  });

  it('has what may stay unanswered told once, however often edges name it', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const told: string[][] = [];
    client.on('interrupted', ({ ids }) => told.push(ids));
    const interrupted = (...ids: string[]) => ({ type: 'interrupted', reason: 'service_lost', ids }) as const;
    const first = await edge.connection();
    await first.welcome();
    first.say(interrupted('a'), interrupted(), interrupted('a'));
    await first.handled();
    first.vanish();
    const second = await edge.connection();
    await second.welcome({ resumed: true });
    const again = client.send('once more', { id: 'a' });
    await second.expect('send');
    second.say(interrupted('a', 'b'), { type: 'accepted', id: 'a' });
    await again;
    second.say(interrupted('a', 'b'));
    await second.handled();
    expect(told).toEqual([['a'], [], ['b'], ['a']]);
  });

  it('tells of accepted messages that may stay unanswered when it is not, and never sends those again', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const interrupted = new Promise((resolve) => client.on('interrupted', resolve));
    const answer = expect(collect(client.ask('a', { id: 'asked' }))).rejects.toMatchObject({ code: 'interrupted' });
    const accepted = client.send('b', { id: 'sent' });
    const first = await edge.connection();
    await first.welcome();
    first.say(
      { type: 'accepted', id: 'asked' },
      { type: 'accepted', id: 'sent' },
      message(1, 'half an answer', { re: 'asked' }),
    );
    await accepted;
    await first.expect('send');
    await first.expect('send');
    await first.expect('received');
    const unaccepted = collect(client.ask('c', { id: 'open' }));
    first.vanish();
    const second = await edge.connection();
    await second.welcome({ resumed: false, session: 's2', resumeKey: 'k2' });
    expect(await interrupted).toMatchObject({ type: 'interrupted', ids: ['asked', 'sent'] });
    await answer;
    expect(await second.expect('send')).toMatchObject({ id: 'open' });
    second.say({ type: 'accepted', id: 'open' }, completed, message(1, 'from 1 again', { re: 'open', final: true }));
    expect(await unaccepted).toEqual(['from 1 again']);
    expect(await second.expect('received')).toEqual({ type: 'received', seq: 1 });
  });

  it('is noticed by a missing message, which is asked for again', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const texts = heard(client);
    const first = await edge.connection();
    await first.welcome();
    first.say(completed, message(1, 'a'), message(3, 'c'));
    const second = await edge.connection();
    expect(await second.welcome({ resumed: true })).toMatchObject({ resume: { lastSeq: 1 } });
    second.say(completed, message(2, 'b'), message(3, 'c'));
    await second.handled();
    expect(texts).toEqual(['a', 'b', 'c']);
  });

  it('is noticed by silence', async () => {
    const edge = await ScriptedEdge.start();
    open(edge);
    const first = await edge.connection();
    await first.welcome({ heartbeatMs: 10 });
    const second = await edge.connection();
    expect(await second.welcome()).toMatchObject({ resume: { session: 's1' } });
  });

  it.each(['{"no":"type"}', 'not JSON', '[]', '{"type":"message"}', Buffer.from('{"type":"ping"}')])(
    'is what a peer is treated as that says %s',
    async (rubbish) => {
      const edge = await ScriptedEdge.start();
      const client = open(edge);
      const types: string[] = [];
      client.on('*', ({ type }) => types.push(type));
      const first = await edge.connection();
      await first.welcome();
      first.sayRaw(rubbish);
      await (await edge.connection()).welcome({ resumed: true });
      expect(types.filter((type) => type !== 'welcome')).toEqual([]);
    },
  );
});

describe('the close code', () => {
  it.each([1006, 1011, 1012, 4005, 4008, 4012, 4013, 4499])('%i brings the client back', async (code) => {
    const edge = await ScriptedEdge.start();
    open(edge);
    const first = await edge.connection();
    await first.welcome();
    if (code === 1006) first.vanish();
    else first.close(code);
    expect(await (await edge.connection()).welcome()).toMatchObject({ resume: { session: 's1' } });
  });

  it.each([1000, 1009, 4500, 4501, 4504, 4505, 4506, 4509, 4510, 4999])('%i is the end', async (code) => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const connection = await edge.connection();
    await connection.welcome();
    connection.close(code, 'why');
    expect(await client.closed).toEqual({ code, reason: 'why' });
  });

  it('ends a client that may not reconnect, whatever it is', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge, { reconnect: false });
    const connection = await edge.connection();
    await connection.welcome();
    connection.close(1012);
    expect(await client.closed).toMatchObject({ code: 1012 });
  });

  it('does not keep a client trying for ever when no connection lasts', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge, { reconnect: { ...quick, attempts: 3 } });
    for (let n = 0; n < 3; n += 1) {
      const connection = await edge.connection();
      await connection.welcome({ resumed: n > 0 });
      connection.close(1012);
    }
    expect(await client.closed).toMatchObject({ code: 1012 });
  });
});

describe('a session that another client left', () => {
  it('is taken up by the next one, after the last message that the first one had', async () => {
    const edge = await ScriptedEdge.start();
    const first = open(edge);
    expect(first.resume).toBeUndefined();
    const before = await edge.connection();
    await before.welcome();
    before.say(completed, message(1, 'a'), message(2, 'b'));
    await before.handled();
    const left = first.resume;
    expect(left).toEqual({ session: 's1', key: 'k1', lastSeq: 2 });
    first.close();
    await first.closed;
    expect(first.resume).toBeUndefined();

    const second = open(edge, left === undefined ? {} : { resume: left });
    const texts = heard(second);
    const after = await edge.connection();
    expect(await after.welcome({ resumed: true })).toMatchObject({ resume: left });
    after.say(completed, message(3, 'c'));
    await after.handled();
    expect(texts).toEqual(['c']);
    expect(await after.expect('received')).toMatchObject({ seq: 3 });
  });

  it('is taken up with what waits for its answer there', async () => {
    const edge = await ScriptedEdge.start();
    const resume = { session: 's1', key: 'k1', lastSeq: 2, unanswered: ['a', 'b'] };
    const client = open(edge, { resume });
    const connection = await edge.connection();
    expect(await connection.welcome({ resumed: true })).toMatchObject({ resume });
    connection.say({ type: 'interrupted', reason: 'service_lost', ids: ['a'] });
    connection.say(message(3, 'answer', { re: 'b', final: true }));
    await connection.handled();
    expect(client.resume).toEqual({ session: 's1', key: 'k1', lastSeq: 3 });
  });

  it('is a new one when it is over, which counts from 1', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge, { resume: { session: 's0', key: 'k0', lastSeq: 7 } });
    const texts = heard(client);
    const connection = await edge.connection();
    await connection.welcome();
    connection.say(completed, message(1, 'a'));
    await connection.handled();
    expect(texts).toEqual(['a']);
    expect(client.resume).toEqual({ session: 's1', key: 'k1', lastSeq: 1 });
  });
});
