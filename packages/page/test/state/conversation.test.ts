import { describe, expect, test } from 'vitest';
import { initialState, type PageState } from '../../src/state/page-state.ts';
import { reduce } from '../../src/state/reduce.ts';
import { after, completed, failed, message, started, welcome } from '../frames.ts';

const say = (state: PageState, id: string): PageState =>
  reduce(state, { type: 'said', message: { id, text: id, files: [], data: { text: id } } });
const hear = (state: PageState, ...frames: Parameters<typeof message>[1][] | never[]): PageState =>
  frames.reduce<PageState>((now, frame) => reduce(now, { type: 'frame', frame: frame as never, now: 0 }), state);
const deliveryOf = (state: PageState, id: string) => {
  const sent = state.conversation.find((entry) => entry.kind === 'sent' && entry.id === id);
  return sent?.kind === 'sent' ? sent.delivery : undefined;
};

describe('a message of the user', () => {
  test('is on its way until the service has it', () => {
    const held = say(after([0, welcome()], [1, started()]), 'm1');
    expect(deliveryOf(held, 'm1')).toEqual({ is: 'sending' });
    const ready = reduce(held, { type: 'frame', frame: completed(), now: 2 });
    expect(deliveryOf(reduce(ready, { type: 'frame', frame: { type: 'accepted', id: 'm1' }, now: 3 }), 'm1')).toEqual({
      is: 'delivered',
    });
  });

  test('is told why it was not delivered, by the edge or by the client, and the first word counts', () => {
    const rejected = { type: 'rejected', id: 'm1', code: 'exited_early', message: 'It stopped.' } as const;
    const state = reduce(say(after([0, started()]), 'm1'), { type: 'frame', frame: rejected, now: 1 });
    expect(deliveryOf(state, 'm1')).toEqual({ is: 'rejected', why: 'It stopped.' });
    expect(deliveryOf(reduce(state, { type: 'refused', id: 'm1', why: 'closed' }), 'm1')).toEqual({
      is: 'rejected',
      why: 'It stopped.',
    });
    expect(deliveryOf(reduce(say(state, 'm2'), { type: 'refused', id: 'm2', why: 'Too large.' }), 'm2')).toEqual({
      is: 'rejected',
      why: 'Too large.',
    });
  });

  test('that was interrupted says so, with its answer, until more of that comes after all', () => {
    const begun = hear(say(after([0, welcome()], [1, completed()]), 'm1'), message(1, { a: 1 }, { re: 'm1' }) as never);
    const lost = hear(begun, { type: 'interrupted', reason: 'service_lost', ids: ['m1'] } as never);
    expect(deliveryOf(lost, 'm1')).toEqual({ is: 'interrupted', why: 'The service was lost while it was at it.' });
    expect(lost.conversation[1]).toMatchObject({ kind: 'answer', interrupted: true });
    const going = hear(lost, message(2, { b: 1 }, { re: 'm1', final: true }) as never);
    expect(deliveryOf(going, 'm1')).toEqual({ is: 'delivered' });
    expect(going.conversation[1]).toEqual({
      kind: 'answer',
      key: 'm1',
      re: 'm1',
      service: 'chat',
      data: [{ a: 1 }, { b: 1 }],
      final: true,
    });
  });
});

describe('what the service says', () => {
  test('is one answer for each message that it names, whatever their order', () => {
    const state = after(
      [0, message(1, 'a1', { re: 'a' })],
      [1, message(2, 'b1', { re: 'b' })],
      [2, message(3, 'a2', { re: 'a', final: true })],
      [3, message(4, 'b2', { re: 'b', final: true })],
    );
    expect(state.conversation).toMatchObject([
      { key: 'a', data: ['a1', 'a2'], final: true },
      { key: 'b', data: ['b1', 'b2'], final: true },
    ]);
    expect(state.milestone.text).toBe('The answer is complete.');
  });

  test('is kept apart without a name, and together by the run that it names', () => {
    const state = after(
      [0, message(1, 'x')],
      [1, message(2, { run: 'r', n: 1 })],
      [2, message(3, 'y')],
      [3, message(4, { run: 'r', n: 2 })],
    );
    expect(state.conversation).toMatchObject([
      { data: ['x'] },
      { key: 'r', data: [{ n: 1 }, { n: 2 }] },
      { data: ['y'] },
    ]);
  });

  test('is bounded: the oldest entries leave', () => {
    const many = Array.from({ length: 450 }, (_, index) => [index, message(index + 1, `n${index}`)] as const);
    const { conversation } = after(...many);
    expect(conversation).toHaveLength(400);
    expect(conversation.at(-1)).toMatchObject({ data: ['n449'] });
  });
});

describe('a session', () => {
  test('that could not be taken up again is said once, and what was said stays', () => {
    const state = after([0, welcome()], [1, completed()], [2, message(1, 'x')]);
    const lost = reduce(state, { type: 'lost' });
    expect(lost.link).toEqual({ at: 'lost' });
    const resumed = reduce(lost, { type: 'frame', frame: welcome({ resumed: true }), now: 3 });
    expect(resumed.conversation).toHaveLength(1);
    const anew = reduce(lost, { type: 'frame', frame: welcome({ session: 's2' }), now: 3 });
    expect(anew.conversation).toMatchObject([{ data: ['x'] }, { kind: 'note' }]);
    expect(anew.link).toEqual({ at: 'open' });
  });

  test('that begins anew forgets the failure and keeps the conversation', () => {
    const state = say(after([0, welcome()], [1, started()], [2, failed()]), 'm1');
    const again = reduce(reduce(state, { type: 'closed', closed: { code: 4503, reason: '' } }), {
      type: 'connecting',
      resumes: false,
    });
    expect(again).toMatchObject({ link: { at: 'connecting' }, ready: false, conversation: [{ id: 'm1' }] });
    expect(again.start).toBeUndefined();
  });
});

describe('a page that is loaded again', () => {
  const loaded = reduce(initialState, { type: 'connecting', resumes: true });
  const notes = (state: PageState) => state.conversation.map((entry) => (entry.kind === 'note' ? entry.text : entry));

  test('says what it cannot show of the session that goes on, before what comes of it', () => {
    const state = hear(loaded, welcome({ resumed: true }) as never, message(4, 'later') as never);
    expect(notes(state)).toEqual([
      'The session goes on. What was said in it before the page was loaded again cannot be shown, and what was not delivered yet has to be sent again.',
      expect.objectContaining({ data: ['later'] }),
    ]);
  });

  test('says that the session is another one, and nothing when it left none', () => {
    expect(notes(hear(loaded, welcome() as never))).toEqual([
      'This is a new session: the one from before the page was loaded again is over.',
    ]);
    expect(notes(after([0, welcome()]))).toEqual([]);
  });
});
