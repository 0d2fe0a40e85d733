import { describe, expect, test } from 'vitest';
import type { Action } from '../../src/state/action.ts';
import type { PageState } from '../../src/state/page-state.ts';
import { reduce } from '../../src/state/reduce.ts';
import { after, completed, failed, message, started, welcome } from '../frames.ts';

const ready = after([0, welcome()], [1, completed()]);
const heardAfter = (...actions: Action[]): string[] => {
  const states = actions.reduce<PageState[]>((all, action) => [...all, reduce(all.at(-1) ?? ready, action)], []);
  const heard = [ready, ...states].map(({ milestone }) => milestone);
  return heard.flatMap(({ n, text }, at) => (at > 0 && n !== heard[at - 1]?.n ? [text] : []));
};
const frame = (of: ReturnType<typeof message>): Action => ({ type: 'frame', frame: of, now: 9 });

describe('who cannot see the page hears', () => {
  test('how an answer ended: completed, failed, or stopped', () => {
    const ended = (data: { [key: string]: string }): string[] =>
      heardAfter(frame(message(1, data, { re: 'm1', final: true })));
    expect(ended({ type: 'agent_completed' })).toEqual(['The answer is complete.']);
    expect(ended({ type: 'agent_failed', code: 'missing_columns', message: 'It has no tokens.' })).toEqual([
      'There is no answer. It has no tokens.',
    ]);
    expect(ended({ type: 'agent_failed', code: 'cancelled', message: 'It was cancelled.' })).toEqual([
      'The answer was stopped.',
    ]);
  });

  test('nothing of the reply to a stop, unless the answer goes on', () => {
    const begun = frame(message(1, { type: 'agent_started' }, { re: 'm1' }));
    const stopping = { type: 'stopping', id: 'm1', request: 's1' } as const;
    const reply = (data: { [key: string]: string }): Action => frame(message(2, data, { re: 's1', final: true }));
    expect(heardAfter(begun, stopping, reply({ type: 'cancel_requested' }))).toEqual([]);
    expect(heardAfter(begun, stopping, reply({ type: 'agent_failed', message: 'It is away.' }))).toEqual([
      'This answer could not be stopped. It is away.',
    ]);
  });

  test('that the connection was lost and is open again, each once', () => {
    expect(heardAfter({ type: 'lost' }, { type: 'lost' }, frame(welcome({ resumed: true })))).toEqual([
      'The connection was lost. It is being opened again.',
      'The connection is open again.',
    ]);
    expect(heardAfter({ type: 'lost' }, frame(welcome())).at(-1)).toBe(
      'The connection is open again. This is a new session: the one before could not be taken up again.',
    );
  });

  test('that it is closed for good, but not twice why a start failed', () => {
    const closed = { type: 'closed', closed: { code: 1006, reason: '' } } as const;
    expect(heardAfter({ type: 'lost' }, closed).at(-1)).toBe(
      'The server cannot be reached. Check that it is running, then connect again.',
    );
    const heard = heardAfter(frame(started()), frame(failed()), { type: 'closed', closed: { code: 4503, reason: '' } });
    expect(heard.at(-1)).toMatch(/^Search index: It stopped/);
  });
});
