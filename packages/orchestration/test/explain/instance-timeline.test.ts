import type { Failure } from '@reveille/contracts';
import { expect, test } from 'vitest';
import { instanceTimeline, phasesLimit } from '../../src/explain/index.ts';
import { doing } from '../../src/explain/sentence.ts';
import { entryOf, startOf } from './entries.ts';

const failure: Failure = {
  code: 'exited_early',
  service: 'db',
  name: 'Db',
  phase: 'starting',
  message: 'exit 1',
  attempt: 1,
  attempts: 3,
  retryable: true,
  traceId: 'a'.repeat(32),
};

test('each phase begins where the one before it ended', () => {
  const timeline = instanceTimeline(startOf('db', { wanted: 0, queued: 5, claimed: 9, opening: 20, ready: 90 }), 1000);
  expect(timeline?.phases.map(({ kind, from, to }) => [kind, from, to])).toEqual([
    ['waiting', 0, 5],
    ['queued', 5, 9],
    ['starting', 9, 20],
    ['reported', 20, 90],
  ]);
  expect(timeline).toMatchObject({ outcome: 'ready', from: 0, to: 90, notes: [] });
  expect(timeline?.attempts).toMatchObject([{ attempt: 1, from: 9, to: 90, outcome: 'ready' }]);
});

test('what a driver says of its work is no work that the service reports', () => {
  const progress = (phase: string) => ({ progress: { phase, detail: `${phase} it` } });
  const timeline = instanceTimeline(
    [
      entryOf('db', 'claimed', 10, { state: 'starting' }),
      entryOf('db', 'progress', 20, { state: 'starting', ...progress('pulling') }),
      entryOf('db', 'progress', 50, { state: 'starting', ...progress('scheduling') }),
      entryOf('db', 'progress', 60, { state: 'starting', ...progress('opening') }),
      entryOf('db', 'ready', 90, { state: 'ready' }),
    ],
    1000,
  );
  const phases = (timeline?.phases ?? []).filter(({ from }) => from >= 20);
  expect(phases.map(({ kind, label, from }) => [kind, label, from])).toEqual([
    ['starting', 'pulling', 20],
    ['starting', 'scheduling', 50],
    ['reported', 'opening', 60],
  ]);
  expect(phases.map(doing)).toEqual(['having its image pulled', 'waiting for a place to run', 'opening it']);
});

test('a failed attempt shows with its failure, and the pause before the next one is no queue', () => {
  const timeline = instanceTimeline(
    [
      entryOf('db', 'claimed', 10, { state: 'starting' }),
      entryOf('db', 'attempt_failed', 30, { state: 'queued', attempt: 1, failure, notBefore: 130 }),
      entryOf('db', 'claimed', 150, { state: 'starting', attempt: 2 }),
      entryOf('db', 'ready', 200, { state: 'ready', attempt: 2 }),
    ],
    1000,
  );
  expect(timeline?.phases.map(({ kind, attempt, from, to }) => [kind, attempt, from, to])).toEqual([
    ['starting', 1, 10, 30],
    ['backoff', 1, 30, 130],
    ['queued', 1, 130, 150],
    ['starting', 2, 150, 200],
  ]);
  expect(timeline?.attempts.map(({ outcome, failure: why }) => [outcome, why?.code])).toEqual([
    ['failed', 'exited_early'],
    ['ready', undefined],
  ]);
});

test('an initializer that died leaves an abandoned attempt, and a start under way an unfinished phase', () => {
  const timeline = instanceTimeline(
    [
      entryOf('db', 'claimed', 10, { state: 'starting', owner: 'i1' }),
      entryOf('db', 'claimed', 8010, { state: 'starting', attempt: 2, owner: 'i2' }),
    ],
    9000,
  );
  expect(timeline?.attempts.map(({ outcome, owner, from, to }) => [outcome, owner, from, to])).toEqual([
    ['abandoned', 'i1', 10, 8010],
    ['under_way', 'i2', 8010, 9000],
  ]);
  expect(timeline).toMatchObject({ outcome: 'under_way', to: 9000 });
  expect(timeline?.phases.at(-1)).toMatchObject({ kind: 'starting', attempt: 2, to: 9000, unfinished: true });
});

test('a service that reports phase after phase is bounded, and that is said', () => {
  const entries = Array.from({ length: 5000 }, (_, n) =>
    entryOf('db', 'progress', n, { state: 'starting', progress: { phase: `phase ${n}` } }),
  );
  const timeline = instanceTimeline(entries, 6000);
  expect(timeline?.phases).toHaveLength(phasesLimit + 1);
  expect(timeline?.phases.at(-1)).toMatchObject({ kind: 'unattributed', to: 6000 });
  expect(timeline?.notes).toEqual([`it reported more than ${phasesLimit} phases: the last 4900 are shown as one`]);
});

test('a clock or a progress that goes backwards gives no negative phase, and is noted', () => {
  const timeline = instanceTimeline(
    [
      entryOf('db', 'claimed', 100, { state: 'starting' }),
      entryOf('db', 'progress', 40, { state: 'starting', progress: { phase: 'opening', percent: 80 } }),
      entryOf('db', 'progress', 120, { state: 'starting', progress: { phase: 'opening', percent: 20 } }),
      entryOf('db', 'ready', 110, { state: 'ready' }),
    ],
    1000,
  );
  expect(timeline?.phases.map(({ kind, from, to }) => [kind, from, to])).toEqual([['reported', 100, 120]]);
  expect(timeline?.notes).toEqual(['the clock went backwards 2 times', 'its progress went backwards']);
});

test('what lies between the kept beginning and the kept end is in no phase', () => {
  const entries = [
    entryOf('db', 'claimed', 0, { state: 'starting' }),
    entryOf('db', 'progress', 10, { state: 'starting', progress: { phase: 'opening' } }),
    entryOf('db', 'progress', 500, { state: 'starting', progress: { phase: 'closing' } }),
    entryOf('db', 'ready', 600, { state: 'ready' }),
  ];
  const timeline = instanceTimeline(entries, 1000, 2);
  expect(timeline?.phases.map(({ label, from, to }) => [label, from, to])).toEqual([
    ['starting', 0, 10],
    ['not kept', 10, 500],
    ['closing', 500, 600],
  ]);
  expect(timeline?.notes).toHaveLength(1);
});

test('of a generation that has been ready for long, it is known when it was', () => {
  const ready = { state: 'ready', timings: { readyAt: 90 } } as const;
  const entries = [
    entryOf('db', 'claimed', 10, { state: 'starting' }),
    // The entry of that moment was not kept, a visitor of hours later is.
    entryOf('db', 'joined', 7_200_000, ready),
  ];
  expect(instanceTimeline(entries, 9_000_000, 1)).toMatchObject({ outcome: 'ready', to: 90 });
});
