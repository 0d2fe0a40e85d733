import type { Failure, InstanceKey, JournalEntry, ScopeKey } from '@reveille/contracts';
import { expect, test } from 'vitest';
import {
  calibrationOf,
  compareWith,
  doing,
  explain,
  type Explanation,
  type InstanceTimeline,
  instanceTimeline,
  listed,
  partOf,
  placeOf,
  type Run,
  type RunHead,
  type RunWait,
  sentenceOf,
} from '../../src/explain/index.ts';
import { entryOf, keyOf, plannedOf, startOf } from './entries.ts';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Chat on a store whose opening takes `opening` ms. */
function chatOf(opening: number, more: Partial<Run> = {}): Explanation {
  const { run, timelines } = runOf(opening, more);
  return explain(run, timelines, 9999);
}

function runOf(
  opening: number,
  more: Partial<Run> = {},
): { run: Run; timelines: Map<InstanceKey, InstanceTimeline[]> } {
  const storeReady = 300 + opening;
  const timelines = timelinesOf(
    startOf('store', { wanted: 0, queued: 0, claimed: 100, opening: 300, ready: storeReady }),
    startOf('agent', { wanted: 0, queued: storeReady + 10, claimed: storeReady + 10, ready: storeReady + 900 }),
  );
  const run: Run = {
    head: {
      initialization: 'i1',
      traceId: 'a'.repeat(32),
      entrypoint: 'chat',
      target: keyOf('agent'),
      instances: [plannedOf('store'), plannedOf('agent', ['store'])],
      startedAt: 0,
      promisedMs: 3000,
    },
    end: { at: storeReady + 900, outcome: 'ready' },
    others: [],
    generations: new Map(),
    positions: new Map(),
    waits: [{ session: 's1', user: 'u' as ScopeKey, edge: 'e1', from: 0, to: storeReady + 920, outcome: 'connected' }],
    unlisted: 0,
    ...more,
  };
  return { run, timelines };
}

/** Of the entries of one generation each. */
function timelinesOf(...starts: JournalEntry[][]): Map<InstanceKey, InstanceTimeline[]> {
  const timelines = new Map<InstanceKey, InstanceTimeline[]>();
  for (const entries of starts) {
    const timeline = instanceTimeline(entries, 9999);
    if (timeline !== undefined)
      timelines.set(timeline.instance, [...(timelines.get(timeline.instance) ?? []), timeline]);
  }
  return timelines;
}

test('the first sentence names the cause', () => {
  expect(sentenceOf(chatOf(2800), seconds)).toBe('Chat took 4.0 s; 2.8 s of that was store opening its database.');
});

test.each([
  // The edge saw the plan ready, and this user was told of a failure all the same.
  ['upstream_unproven', 'ready', 4500],
  ['upstream_refused', 'upstream_refused', 30_000],
])('who was told %s was not served, whatever the start came to', (code, outcome, to) => {
  const wait = { session: 's1', user: 'u' as ScopeKey, edge: 'e1', from: 0, to, outcome: code };
  const explained = chatOf(2800, { end: { at: 4000, outcome }, waits: [wait] });
  expect(explained).toMatchObject({ outcome: 'failed', code, totalMs: to });
  expect(explained.chain.at(-1)).toMatchObject({ kind: 'connecting', to });
  expect(sentenceOf(explained, seconds)).toContain(`Chat failed after ${seconds(to)} (${code}); `);
});

test('who was told that the deadline had passed had not left', () => {
  const wait = { session: 's1', user: 'u' as ScopeKey, edge: 'e1', from: 0, to: 30_000, outcome: 'deadline_exceeded' };
  const explained = chatOf(60_000, { end: { at: 30_000, outcome: 'deadline_exceeded' }, waits: [wait] });
  expect(sentenceOf(explained, seconds)).toMatch(/^Chat failed after 30\.0 s \(deadline_exceeded\); .* store opening/);
});

test('the queue is told apart from work, the connection of the user belongs to the whole, and all adds up', () => {
  const explained = chatOf(2800);
  expect(explained).toMatchObject({ totalMs: 4020, queueMs: 100, workMs: 200 + 2800 + 890 + 20, unattributedMs: 10 });
  expect(explained.chain.at(-1)).toMatchObject({ kind: 'connecting', service: 'agent', from: 4000, to: 4020 });
  expect(explained.chain.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(explained.totalMs);
});

test('what got slower than in earlier runs is named with how much', () => {
  const earlier = [chatOf(500), chatOf(520), chatOf(480)];
  expect(compareWith(chatOf(2800), earlier)).toEqual({
    runs: 3,
    usualMs: 1720,
    slower: [{ service: 'store', name: 'store', label: 'opening', nowMs: 2800, usualMs: 500 }],
  });
  expect(compareWith(chatOf(510), earlier).slower).toEqual([]);
});

test('promises are held against what it took', () => {
  expect(calibrationOf([chatOf(2800), chatOf(1800), chatOf(500)])).toEqual({ runs: 3, ratio: 3020 / 3000, close: 1 });
});

test('a failed run names what failed, and one under way what it is waiting for', () => {
  const failure: Failure = {
    code: 'exited_early',
    service: 'store',
    name: 'Store',
    phase: 'opening',
    message: 'exit 1',
    attempt: 3,
    attempts: 3,
    retryable: true,
    traceId: 'a'.repeat(32),
  };
  const head: Run['head'] = {
    initialization: 'i1',
    traceId: 'a'.repeat(32),
    entrypoint: 'chat',
    target: keyOf('store'),
    instances: [plannedOf('store')],
    startedAt: 0,
  };
  const claimed = entryOf('store', 'claimed', 10, { state: 'starting' });
  const failed = entryOf('store', 'failed', 900, { state: 'failed', failure });
  const run: Run = { head, others: [], generations: new Map(), positions: new Map(), waits: [], unlisted: 0 };
  const ended = timelinesOf([claimed, failed]);
  expect(sentenceOf(explain(run, ended, 9999), seconds)).toBe(
    'Chat failed after 0.9 s: store failed (exited_early); 0.9 s of that was store being started.',
  );
  const open = new Map([[keyOf('store'), [instanceTimeline([claimed], 5000) as InstanceTimeline]]]);
  expect(sentenceOf(explain(run, open, 5000), seconds)).toBe(
    'Chat is not ready after 5.0 s; 5.0 s of that was store being started.',
  );
  // Who had been told something else before is explained what was told.
  const told: RunWait = {
    session: 's1',
    user: 'u' as ScopeKey,
    edge: 'e1',
    from: 0,
    to: 500,
    outcome: 'deadline_exceeded',
  };
  expect(sentenceOf(explain({ ...run, waits: [told] }, ended, 9999), seconds)).toBe(
    'Chat failed after 0.5 s (deadline_exceeded); 0.5 s of that was store being started.',
  );
});

test('where the first user had left, the end that another one was told is explained', () => {
  const wait = { session: 's1', user: 'u' as ScopeKey, edge: 'e1', from: 0 };
  const left: RunWait = { ...wait, to: 50, outcome: 'left' };
  const end = { at: 4000, outcome: 'upstream_refused' };
  const refused: RunWait = { ...wait, session: 's2', to: 30_000, outcome: 'upstream_refused' };
  expect(chatOf(2800, { end, waits: [left, refused] })).toMatchObject({ code: 'upstream_refused', totalMs: 30_000 });
  expect(chatOf(2800, { end, waits: [left] })).toMatchObject({ outcome: 'failed', code: 'upstream_refused' });
});

test('what was lost and started again in one run shows with both generations, and all adds up', () => {
  const start = (generation: number, at: number) =>
    startOf('store', { wanted: at, queued: at, claimed: at + 10, opening: at + 20, ready: at + 400 }).map((entry) => ({
      ...entry,
      record: { ...entry.record, generation },
    }));
  const head: Run['head'] = {
    ...{ initialization: 'i1', traceId: 'a'.repeat(32), entrypoint: 'chat', target: keyOf('agent'), startedAt: 0 },
    instances: [plannedOf('store'), plannedOf('agent', ['store'])],
  };
  const positions = new Map([[placeOf({ instance: keyOf('store'), generation: 6, attempt: 0 }), 3]]);
  const run: Run = { head, others: [], generations: new Map(), positions, waits: [], unlisted: 0 };
  const agent = startOf('agent', { wanted: 0, queued: 1400, claimed: 1410, ready: 1500 });
  const timelines = timelinesOf(start(4, -900), start(5, 0), start(6, 1000), agent);
  const explained = explain(run, timelines, 9999);
  const store = explained.services.find(({ service }) => service === 'store');
  expect(store?.phases.map(({ kind, detail, from, to }) => [kind, detail, from, to])).toEqual([
    ['queued', undefined, 0, 10],
    ['starting', undefined, 10, 20],
    ['reported', 'opening its database', 20, 400],
    ['unattributed', undefined, 400, 1000],
    ['queued', 'behind 2', 1000, 1010],
    ['starting', undefined, 1010, 1020],
    ['reported', 'opening its database', 1020, 1400],
  ]);
  expect(store?.attempts.map(({ generation, outcome }) => [generation, outcome])).toEqual([
    [5, 'ready'],
    [6, 'ready'],
  ]);
  expect(store?.notes).toEqual(['it was ready and started again (generation 6)']);
  expect(explained).toMatchObject({ totalMs: 1500 });
  expect(explained.chain.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(1500);
});

test('a wait for others says for whom', () => {
  const agent = chatOf(2800).services.find(({ service }) => service === 'agent');
  const [waited] = agent?.phases ?? [];
  expect(waited).toMatchObject({ kind: 'waiting', detail: 'store' });
  expect(waited && doing(waited)).toBe('waiting for store');
  expect(listed(['A', 'B', 'C'])).toBe('A, B and C');
});

test('a turn that was waited for says behind how many', () => {
  const { chain } = chatOf(100, {
    positions: new Map([[placeOf({ instance: keyOf('store'), generation: 1, attempt: 0 }), 4]]),
  });
  expect(chain.filter(({ kind }) => kind === 'queued')).toMatchObject([{ service: 'store', detail: 'behind 3' }]);
  expect(doing({ kind: 'queued', label: 'queued', detail: 'behind 3', attempt: 0 })).toBe(
    'waiting for its turn to start, behind 3',
  );
  // One attempt was made: what waits is the second.
  expect(doing({ kind: 'queued', label: 'queued', attempt: 1 })).toBe('waiting for its turn to start (attempt 2)');
});

/** The entries of a start as another generation. */
function ofGeneration(generation: number, entries: JournalEntry[]): JournalEntry[] {
  return entries.map((entry) => ({ ...entry, record: { ...entry.record, generation } }));
}

test('of two dependencies that which was waited for is blamed, though the other started again later', () => {
  const run: Run = {
    head: {
      ...{ initialization: 'i1', traceId: 'a'.repeat(32), entrypoint: 'chat', target: keyOf('agent'), startedAt: 0 },
      instances: [plannedOf('store'), plannedOf('index'), plannedOf('agent', ['store', 'index'])],
    },
    others: [],
    generations: new Map(),
    positions: new Map(),
    waits: [],
    unlisted: 0,
  };
  const start = (service: string, at: number, ready: number): JournalEntry[] =>
    startOf(service, { wanted: at, queued: at, claimed: at + 10, ready });
  const [agent, index] = [start('agent', 0, 0), start('index', 0, 4000)];
  agent.splice(0, 5, ...startOf('agent', { wanted: 0, queued: 4000, claimed: 4010, ready: 6000 }));
  const again = ofGeneration(2, start('store', 4500, 5000));
  const explained = explain(run, timelinesOf(start('store', 0, 1000), again, index, agent), 9999);
  expect(explained.blame[0]).toMatchObject({ service: 'index', ms: 3990 });
  expect(explained.chain.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(explained.totalMs);
  // What began after the end is no part of it.
  const end = { at: 6000, outcome: 'ready' };
  const hours = ofGeneration(3, start('store', 7000, 8000));
  const later = explain({ ...run, end }, timelinesOf(start('store', 0, 1000), hours, index, agent), 9999);
  expect(later.services.find(({ service }) => service === 'store')).toMatchObject({ generation: 1, notes: [] });
});

test('a run has a part for each plan that joined it, and goes on while somebody has come since all had left', () => {
  const head: RunHead = {
    ...{ initialization: 'i1', traceId: 'a'.repeat(32), entrypoint: 'chat', target: keyOf('agent'), startedAt: 0 },
    instances: [plannedOf('store'), plannedOf('agent', ['store'])],
  };
  const voice = { ...head, entrypoint: 'voice', target: keyOf('voice'), startedAt: 500 };
  const wait = { user: 'u' as ScopeKey, edge: 'e1' };
  const ann: RunWait = { ...wait, session: 'ann', target: head.target, from: 0, to: 700, outcome: 'left' };
  const bob: RunWait = { ...wait, session: 'bob', target: voice.target, from: 500 };
  const end = { at: 700, outcome: 'abandoned' };
  const none = { generations: new Map(), positions: new Map(), unlisted: 0 };
  const run: Run = { head, others: [voice], waits: [ann, bob], end, ...none };
  expect(partOf(run, {})).toMatchObject({ head, waits: [ann], end });
  expect(partOf({ ...run, waits: [{ ...ann, to: 710 }] }, {})).toMatchObject({ end });
  expect(partOf(run, { target: voice.target })).toEqual({ head: voice, others: [voice], waits: [bob], ...none });
  expect(partOf(run, { entrypoint: 'voice' }).head).toBe(voice);
});

test('who came later waited from then on', () => {
  const wait: RunWait = {
    session: 's2',
    user: 'u' as ScopeKey,
    edge: 'e1',
    from: 2000,
    to: 4020,
    outcome: 'connected',
  };
  const run = runOf(2800);
  const explained = explain(run.run, run.timelines, 9999, wait);
  expect(explained).toMatchObject({ from: 2000, totalMs: 2020 });
  expect(explained.promisedMs).toBeUndefined();
});

test('a phase that is new is what got slower', () => {
  const quick = explainPulled(undefined);
  expect(compareWith(explainPulled(3000), [quick, quick]).slower).toMatchObject([
    { service: 'store', label: 'pulling', nowMs: 3000, usualMs: 0 },
  ]);
});

/** A store that may have its image pulled first. */
function explainPulled(pullMs: number | undefined): Explanation {
  const pull = { state: 'starting', progress: { phase: 'pulling' } } as const;
  const entries = [
    entryOf('store', 'claimed', 0, { state: 'starting' }),
    ...(pullMs === undefined ? [] : [entryOf('store', 'progress', 10, pull)]),
    entryOf('store', 'progress', 10 + (pullMs ?? 0), { state: 'starting', progress: { phase: 'opening' } }),
    entryOf('store', 'ready', 500 + (pullMs ?? 0), { state: 'ready' }),
  ];
  const { run } = runOf(0);
  const head = { ...run.head, target: keyOf('store'), instances: [plannedOf('store')] };
  return explain(
    { ...run, head, waits: [], end: { at: 500 + (pullMs ?? 0), outcome: 'ready' } },
    timelinesOf(entries),
    9999,
  );
}
