import { describe, expect, it } from 'vitest';
import type { MessageFrame } from '../src/index.ts';
import { open } from './open.ts';
import { completed, message, ScriptedEdge } from './scripted-edge.ts';

async function collect(answer: AsyncIterable<MessageFrame>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const { data } of answer) all.push(data);
  return all;
}

describe('a message to the service', () => {
  it('is sent once there is a welcome, and resolves when it is accepted', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const sent = client.send({ text: 'hello' }, { id: 'm1' });
    const connection = await edge.connection();
    await connection.welcome();
    expect(await connection.expect('send')).toEqual({ type: 'send', id: 'm1', data: { text: 'hello' } });
    connection.say({ type: 'accepted', id: 'm1' });
    expect(await sent).toEqual({ id: 'm1' });
  });

  it('fails with the code with which it was rejected', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const sent = expect(client.send('x', { id: 'm1' })).rejects.toMatchObject({
      code: 'too_many',
      message: 'Too many.',
    });
    const connection = await edge.connection();
    await connection.welcome();
    connection.say({ type: 'rejected', id: 'm1', code: 'too_many', message: 'Too many.' });
    await sent;
  });

  it('fails here, without a frame, when the edge would have to refuse it', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge, { outbox: { messages: 2 } });
    const tooLarge = expect(client.send('x'.repeat(70_000))).rejects.toMatchObject({ code: 'too_large' });
    const first = client.send('fits', { id: 'm1' });
    await expect(client.send('third')).rejects.toMatchObject({ code: 'too_many' });
    await expect(client.send(JSON.parse('{}').missing)).rejects.toMatchObject({ code: 'bad_frame' });
    await expect(client.send('x', { id: 'y'.repeat(65) })).rejects.toMatchObject({ code: 'bad_frame' });
    await expect(client.send('x', { id: 'm1' })).rejects.toMatchObject({ code: 'duplicate_in_flight' });
    const connection = await edge.connection();
    await connection.welcome();
    await tooLarge;
    expect(await connection.expect('send')).toMatchObject({ id: 'm1' });
    connection.say({ type: 'accepted', id: 'm1' });
    await first;
  });

  it('that was not accepted fails when the client is closed', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const sent = expect(client.send('x')).rejects.toMatchObject({ code: 'closed' });
    await (await edge.connection()).welcome();
    client.close();
    await sent;
  });
});

describe('an answer', () => {
  it('is what names the message, up to the final frame', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const answer = collect(client.ask('why?', { id: 'm1' }));
    const connection = await edge.connection();
    await connection.welcome();
    await connection.expect('send');
    connection.say(
      completed,
      { type: 'accepted', id: 'm1' },
      message(1, 'thinking', { re: 'm1' }),
      message(2, 'unasked'),
      message(3, 'other', { re: 'm0', final: true }),
      message(4, 'because', { re: 'm1', final: true }),
      message(5, 'after the end', { re: 'm1' }),
    );
    expect(await answer).toEqual(['thinking', 'because']);
  });

  it('fails when the message is refused', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const answer = expect(collect(client.ask('why?', { id: 'm1' }))).rejects.toMatchObject({ code: 'too_many' });
    const connection = await edge.connection();
    await connection.welcome();
    connection.say({ type: 'rejected', id: 'm1', code: 'too_many', message: 'Full.' });
    await answer;
  });

  it('gives what came, then fails, when the service is lost in the middle', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const answer = client.ask('why?', { id: 'm1' })[Symbol.asyncIterator]();
    const connection = await edge.connection();
    await connection.welcome();
    connection.say({ type: 'accepted', id: 'm1' }, message(1, 'thinking', { re: 'm1' }), {
      type: 'interrupted',
      reason: 'The service was lost.',
      ids: ['m1'],
    });
    expect((await answer.next()).value).toMatchObject({ data: 'thinking' });
    await expect(answer.next()).rejects.toMatchObject({ code: 'interrupted', message: 'The service was lost.' });
    expect((await answer.next()).done).toBe(true);
  });

  it('is not waited for after its signal', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const stop = new AbortController();
    const answer = expect(collect(client.ask('why?', { signal: stop.signal }))).rejects.toMatchObject({
      code: 'aborted',
    });
    const connection = await edge.connection();
    await connection.welcome();
    const { id } = await connection.expect('send');
    connection.say({ type: 'accepted', id });
    await connection.handled();
    stop.abort();
    await answer;
  });

  it('is refused to a second asker with the same id, and the first one keeps it', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const first = collect(client.ask('a', { id: 'm1' }));
    await expect(collect(client.ask('b', { id: 'm1' }))).rejects.toMatchObject({ code: 'duplicate_in_flight' });
    const connection = await edge.connection();
    await connection.welcome();
    connection.say({ type: 'accepted', id: 'm1' }, message(1, 'yes', { re: 'm1', final: true }));
    expect(await first).toEqual(['yes']);
  });

  it('that nobody reads costs a bounded number of frames and then says so', async () => {
    const edge = await ScriptedEdge.start();
    const client = open(edge);
    const answer = client.ask('why?', { id: 'm1' });
    const connection = await edge.connection();
    await connection.welcome();
    connection.say({ type: 'accepted', id: 'm1' });
    const last = new Promise((resolve) => client.on('message', ({ seq }) => seq === 1100 && resolve(seq)));
    for (let seq = 1; seq <= 1100; seq += 1) connection.say(message(seq, 'more', { re: 'm1' }));
    await last;
    let read = 0;
    const reading = (async () => {
      for await (const _frame of answer) read += 1;
    })();
    await expect(reading).rejects.toMatchObject({ code: 'overflow' });
    expect(read).toBe(1024);
  });
});
