import { describe, expect, test } from 'vitest';
import { stageOf } from '../../src/state/page-state.ts';
import { reduce } from '../../src/state/reduce.ts';
import { serviceFacts, serviceWords } from '../../src/state/service-words.ts';
import { progressOf } from '../../src/state/start.ts';
import { titleOf } from '../../src/state/title.ts';
import { remainingWords } from '../../src/state/waiting-words.ts';
import {
  after,
  attemptFailed,
  completed,
  completedService,
  failed,
  initializing,
  started,
  welcome,
} from '../frames.ts';

const node = (state: ReturnType<typeof after>, service: string) => {
  const view = state.start?.services.find((one) => one.service === service);
  if (view === undefined) throw new Error(`no ${service}`);
  return view;
};

describe('an initialization', () => {
  test('is timed by the page itself, from when the edge says that it began', () => {
    const state = after([1000, welcome()], [1010, started({ elapsedMs: 400 })]);
    expect(stageOf(state)).toBe('waiting');
    expect(state.start).toMatchObject({ beganAt: 610, deadlineMs: 30_000, outcome: { is: 'under-way' } });
  });

  test('fills with what each service does', () => {
    const waiting = initializing({
      service: 'chat',
      name: 'Chat',
      phase: 'waiting',
      waitingFor: ['Search index'],
      attempt: 0,
    });
    const state = after(
      [0, welcome()],
      [1, started()],
      [2, waiting],
      [3, initializing({ phase: 'loading_index', detail: 'reading 3 files', percent: 40 })],
    );
    expect(serviceWords(node(state, 'index'))).toBe('Reading 3 files');
    expect(node(state, 'index').percent).toBe(40);
    expect(serviceWords(node(state, 'chat'))).toBe('Waits for Search index');
    const next = reduce(state, { type: 'frame', frame: completedService(), now: 4 });
    expect(serviceWords(node(next, 'index'))).toBe('Ready after 1.2 s');
    expect(node(next, 'index')).not.toHaveProperty('percent');
    expect(serviceWords(node(next, 'chat'))).toBe('About to start');
    expect(next.start && progressOf(next.start)).toEqual({ ready: 1, total: 2, percent: 50 });
    expect(titleOf(next, 'Chat')).toBe('Starting (1 of 2) – Chat');
  });

  test('shows an attempt that failed until the service is ready', () => {
    const state = after([0, started()], [100, attemptFailed()], [900, initializing({ attempt: 2 })]);
    expect(serviceFacts(node(state, 'index'))).toEqual(['attempt 2 of 2']);
    expect(after([0, started()], [100, attemptFailed()]).start?.services[0]?.failed?.retryAt).toBe(900);
    const ready = reduce(state, { type: 'frame', frame: completedService(), now: 1000 });
    expect(serviceFacts(node(ready, 'index'))).toEqual(['attempt 2']);
  });

  test('keeps what is known when a reconnect brings a snapshot of the same one, and nothing of another one', () => {
    const before = after([0, started()], [1, completedService()]);
    const [index, chat] = [
      { service: 'index', name: 'Search index', state: 'ready' as const, dependsOn: [] },
      { service: 'chat', name: 'Chat', state: 'starting' as const, dependsOn: ['index'] },
    ];
    const again = reduce(before, { type: 'frame', frame: started({ services: [index, chat] }), now: 50 });
    expect(serviceWords(node(again, 'index'))).toBe('Ready after 1.2 s');
    const other = started({ initialization: 'i2', services: [index, chat] });
    expect(serviceWords(node(reduce(before, { type: 'frame', frame: other, now: 50 }), 'index'))).toBe('Ready');
  });

  test('says how long it may take only when it is known', () => {
    const unknown = after([0, started()]).start;
    expect(unknown && remainingWords(unknown, 100)).toBe('no earlier start to estimate from');
    const known = after([1000, started({ etaMs: 3200 })]).start;
    expect([1000, 3500, 4100, 4300].map((now) => known && remainingWords(known, now))).toEqual([
      'about 3 s left',
      'about a second left',
      'about a second left',
      'a little longer than usual',
    ]);
  });

  test('slow is said until it is over', () => {
    const slow = {
      type: 'initialization_slow' as const,
      p95Ms: 900,
      deadlineMs: 30_000,
      waitingFor: ['Chat'],
      at: 1,
      elapsedMs: 1,
    };
    const state = after([0, started()], [1, { ...slow, message: 'It takes longer than usual.' }]);
    expect(state.start?.slow).toEqual({ message: 'It takes longer than usual.', p95Ms: 900 });
    expect(reduce(state, { type: 'frame', frame: completed(), now: 2 }).start).not.toHaveProperty('slow');
  });

  test('ends ready, and later news of it change nothing', () => {
    const state = after([0, started()], [1, completed()], [2, initializing()]);
    expect(stageOf(state)).toBe('ready');
    expect(state.start?.services.every((one) => one.state === 'ready')).toBe(true);
    expect(state.start?.outcome).toEqual({ is: 'completed', elapsedMs: 2000 });
  });

  test('a warm connect is ready without one', () => {
    const { initialization: _, ...warm } = completed() as { initialization?: string } & ReturnType<typeof completed>;
    const state = after([0, welcome()], [1, warm as ReturnType<typeof completed>]);
    expect(stageOf(state)).toBe('ready');
    expect(state.start).toBeUndefined();
  });

  test('fails with the time from which it can be tried again, moved by an edge that is asked too early', () => {
    const state = after([0, started()], [100, failed()]);
    expect(stageOf(state)).toBe('failed');
    expect(state.start?.outcome).toMatchObject({ is: 'failed', retryable: true, retryAt: 5100 });
    expect(state.start?.services[0]?.state).toBe('failed');
    const cooling = { type: 'error', code: 'cooling_down', message: 'Not yet.', retryAfterMs: 700 } as const;
    expect(reduce(state, { type: 'frame', frame: cooling, now: 5000 }).start?.outcome).toMatchObject({ retryAt: 5700 });
    const closed = reduce(state, { type: 'closed', closed: { code: 1013, reason: '' } });
    expect(stageOf(closed)).toBe('failed');
    const again = reduce(state, {
      type: 'frame',
      frame: started({ initialization: 'i2', reason: 'retry' }),
      now: 6000,
    });
    expect(stageOf(again)).toBe('waiting');
  });

  test('a failure that comes first of all has no plan to show', () => {
    expect(after([0, welcome()], [1, failed({ retryable: false })]).start).toMatchObject({ services: [] });
  });
});

type Heard = Parameters<typeof after>[number];

describe('what a screen reader hears', () => {
  const heard = (...frames: Heard[]) => frames.map((_, index) => after(...frames.slice(0, index + 1)).milestone.text);

  test('is the beginning, each service that is ready, and the end', () => {
    expect(
      heard([0, welcome()], [1, started()], [2, initializing({ percent: 10 })], [3, initializing({ percent: 60 })]),
    ).toEqual([
      '',
      'Nothing is running yet; starting 2 of 2.',
      'Nothing is running yet; starting 2 of 2.',
      'Nothing is running yet; starting 2 of 2.',
    ]);
    expect(after([0, started()], [1, completedService()]).milestone).toEqual({
      n: 2,
      text: 'Search index is ready after 1.2 s. 1 to go.',
    });
    expect(after([0, started()], [1, failed()]).milestone.text).toMatch(/It stopped while it was starting/);
  });

  test('is not repeated by the snapshot of a reconnect', () => {
    expect(after([0, started()], [1, started()]).milestone.n).toBe(1);
    expect(after([0, started()], [1, completed()], [2, completed()]).milestone.n).toBe(2);
  });
});
