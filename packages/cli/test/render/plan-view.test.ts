import type { InitializationFrame } from '@reveille/contracts';
import { describe, expect, it } from 'vitest';
import { foldFrame, type PlanView } from '../../src/render/plan-view.ts';
import { completed, failed, initializing, slow, started, told } from '../support/frames.ts';

const fold = (...frames: InitializationFrame[]): PlanView => {
  const view = frames.reduce<PlanView | undefined>(foldFrame, undefined);
  if (view === undefined) throw new Error('no frames');
  return view;
};
const states = (view: PlanView) => Object.fromEntries(view.services.map(({ service, state }) => [service, state]));

describe('the view of an initialization', () => {
  it('begins with the snapshot, each service one level above the highest it needs', () => {
    const view = fold(started);
    expect(view.services.map(({ service, level }) => [service, level])).toEqual([
      ['base', 0],
      ['store', 0],
      ['agent', 1],
      ['bridge', 2],
    ]);
  });

  it('follows a service from waiting to ready', () => {
    expect(states(fold(started, initializing('base', 'queued')))).toMatchObject({ base: 'queued' });
    expect(states(fold(started, initializing('base', 'probing')))).toMatchObject({ base: 'starting' });
    expect(states(fold(started, initializing('base', 'warming_up')))).toMatchObject({ base: 'starting' });
    expect(states(fold(started, completed('base', 600)))).toMatchObject({ base: 'ready', agent: 'cold' });
  });

  it('counts the time of a service from the first frame of its start, over all its phases', () => {
    const view = fold(
      started,
      { ...initializing('base', 'starting'), elapsedMs: 100 },
      { ...initializing('base', 'probing'), elapsedMs: 400 },
    );
    expect(view.services[0]?.startedMs).toBe(100);
  });

  it('keeps no word of a phase that is over', () => {
    const view = fold(
      started,
      { ...initializing('base', 'loading'), detail: 'half', percent: 50 },
      initializing('base', 'probing'),
    );
    expect(view.services[0]).not.toHaveProperty('detail');
    expect(view.services[0]).not.toHaveProperty('percent');
  });

  it('shows why an attempt failed until the next one says something', () => {
    const retrying = fold(started, failed('base', true), initializing('base', 'queued'));
    expect(retrying.services[0]).toMatchObject({ state: 'queued', failure: 'base failed.' });
    const again = foldFrame(retrying, initializing('base', 'starting'));
    expect(again.services[0]).not.toHaveProperty('failure');
  });

  it('is failed where the last attempt failed', () => {
    expect(states(fold(started, failed('base', false)))).toMatchObject({ base: 'failed' });
  });

  it('takes back that it is slow when it is ready', () => {
    expect(fold(started, slow).slow).toBe('Slow.');
    const done = fold(started, slow, { type: 'initialization_completed', traceId: 't', ...told });
    expect(done).toMatchObject({ outcome: 'ready' });
    expect(done).not.toHaveProperty('slow');
  });

  it('starts anew with another initialization', () => {
    const view = fold(started, completed('base', 1), { ...started, reason: 'lost' });
    expect(states(view)).toMatchObject({ base: 'cold' });
    expect(view.reason).toBe('lost');
  });

  it('takes frames without a snapshot before them: a warm connect has none', () => {
    expect(fold({ type: 'initialization_completed', traceId: 't', ...told })).toMatchObject({
      outcome: 'ready',
      services: [],
    });
    expect(fold(initializing('base', 'starting')).services).toEqual([]);
  });
});
