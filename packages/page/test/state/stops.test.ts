import { expect, test } from 'vitest';
import type { PageState } from '../../src/state/page-state.ts';
import { reduce } from '../../src/state/reduce.ts';
import { isStopping, isUnderWay, newestUnderWay } from '../../src/state/stops.ts';
import { after, completed, message, welcome } from '../frames.ts';

const hear = (state: PageState, ...frames: ReturnType<typeof message>[]): PageState =>
  frames.reduce((now, frame) => reduce(now, { type: 'frame', frame, now: 0 }), state);
/** `m1` was taken by the service, which said something of its answer. */
const answering = hear(
  reduce(after([0, welcome()], [1, completed()]), {
    type: 'said',
    message: { id: 'm1', text: 'm1', files: [], data: {} },
  }),
  { type: 'accepted', id: 'm1' },
  message(1, { type: 'agent_started' }, { re: 'm1' }),
);
const stopping = reduce(answering, { type: 'stopping', id: 'm1', request: 's1' });

test('a message can be stopped from when the service has it until its answer has ended', () => {
  const said = reduce(after(), { type: 'said', message: { id: 'm1', text: '', files: [], data: {} } });
  expect(isUnderWay(said.conversation, 'm1')).toBe(false);
  const taken = hear(said, { type: 'accepted', id: 'm1' });
  expect(newestUnderWay(taken.conversation, {})).toBe('m1');
  expect(isUnderWay(answering.conversation, 'm1')).toBe(true);
  const ended = hear(answering, message(2, { type: 'agent_completed' }, { re: 'm1', final: true }));
  expect(isUnderWay(ended.conversation, 'm1')).toBe(false);
  expect(newestUnderWay(ended.conversation, {})).toBeUndefined();
});

test('what the service says of the request is not part of the conversation', () => {
  expect(isStopping(stopping.stops, 'm1')).toBe(true);
  expect(newestUnderWay(stopping.conversation, stopping.stops)).toBeUndefined();
  const heard = hear(stopping, message(2, { type: 'cancel_requested' }, { re: 's1', final: true }));
  expect(heard.conversation).toEqual(answering.conversation);
});

test('a request that comes to nothing says why while the answer goes on, and can be made again', () => {
  const why = { type: 'agent_failed', message: 'The agent supervisor could not be reached.' };
  const heard = hear(stopping, message(2, why, { re: 's1', final: true }));
  expect(heard.conversation.at(-1)).toMatchObject({
    kind: 'note',
    text: 'This answer could not be stopped. The agent supervisor could not be reached.',
  });
  expect(isStopping(heard.stops, 'm1')).toBe(false);
  const rejected = hear(stopping, { type: 'rejected', id: 's1', code: 'rate_limited', message: 'Too fast.' });
  expect(rejected.conversation.at(-1)).toMatchObject({ text: 'This answer could not be stopped. Too fast.' });
});

test('a request that came too late, or was lost with the service, is passed over', () => {
  const ended = hear(stopping, message(2, { type: 'agent_completed' }, { re: 'm1', final: true }));
  const nothing = { type: 'agent_failed', code: 'nothing_to_cancel', message: 'There is nothing.' };
  expect(hear(ended, message(3, nothing, { re: 's1', final: true })).conversation).toEqual(ended.conversation);
  const lost = hear(stopping, { type: 'interrupted', reason: 'service_lost', ids: ['m1', 's1'] });
  expect(lost.conversation.filter(({ kind }) => kind === 'note')).toEqual([]);
  expect(lost.stops).toEqual({});
});
