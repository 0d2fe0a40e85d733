import type { InstanceKey } from '@reveille/contracts';
import { BrokerUnavailable, type Members, type RunNote, type RunWait, type Timelines } from '@reveille/orchestration';
import { createLogger } from '@reveille/telemetry';
import { getEventListeners } from 'node:events';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { openInitialization } from '../../src/deliver/initialization.ts';
import { RunNotes } from '../../src/note/run-notes.ts';
import { WaitCount } from '../../src/note/wait-count.ts';
import { LedgerClock } from '../../src/want/ledger-clock.ts';
import { chatCatalog } from '../harness/catalogs.ts';
import { World } from '../harness/world.ts';

const initialization = openInitialization({ entrypoint: 'chat', origin: undefined, startedAt: 1000 });

function notesOn(note: (notes: readonly RunNote[]) => Promise<unknown>, waits: Partial<RunWait>[] = []) {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const logger = createLogger({ name: 'edge', destination });
  const timelines = { note, run: async () => ({ waits }) } as unknown as Timelines;
  const members = {
    alive: async () => [
      { id: 'e1', mark: '' },
      { id: 'e2', mark: '' },
    ],
  } as unknown as Members;
  const clock = new LedgerClock();
  return { lines, notes: new RunNotes({ edge: 'e1', timelines, members, clock, logger, backMs: 300, brokerMs: 1000 }) };
}

const of = { entrypoint: 'chat', target: 'agent~global' as InstanceKey };
const userOf = (n: number) => ({ id: `s${n}`, principal: { user: `user ${n}`, tenant: 'acme', roles: [] } });

test('a user who waits is written down with a scope key, and so is how that ends', async () => {
  await using world = await World.create({ catalog: chatCatalog(), on: 'memory' });
  const edge = await world.edge();
  await world.user(edge);
  const runs = () => world.broker.timelines.runs({ by: 'entrypoint', value: 'chat' }, 1);
  await expect.poll(runs).toHaveLength(1);
  const run = () => runs().then(([id = '']) => world.broker.timelines.run(id));
  await expect.poll(async () => (await run())?.waits).toHaveLength(1);
  const known = await run();
  expect(known?.head).toMatchObject({ entrypoint: 'chat', instances: [{ service: 'store' }, { service: 'agent' }] });
  expect(known?.waits[0]?.user).toMatch(/^[a-z2-7]{26}$/);
  expect(JSON.stringify([...(known?.waits ?? [])])).not.toContain('ada');
  expect(known?.waits[0]?.to).toBeUndefined();
  await edge[Symbol.asyncDispose]();
  expect((await run())?.waits[0]).toMatchObject({ edge: edge.id, outcome: 'left' });
});

test('of a crowd a hundred are named and the others counted', async () => {
  const written: RunNote[] = [];
  const { notes } = notesOn(async (batch) => {
    written.push(...batch);
    return new Set();
  });
  const ends = Array.from({ length: 250 }, (_, n) => notes.waits(userOf(n), initialization, of));
  for (const end of ends) end('connected');
  void notes.ended(initialization.id, 'ready', new Map());
  await notes[Symbol.asyncDispose]();
  expect(written.filter(({ kind }) => kind === 'waits')).toHaveLength(200);
  expect(written.filter(({ kind }) => kind === 'crowd')).toMatchObject([{ count: 150 }]);
});

/** A broker at which this edge is the first to see each end. */
async function first(batch: readonly RunNote[]): Promise<ReadonlySet<string>> {
  return new Set(batch.flatMap((note) => (note.kind === 'claimed' ? [note.initialization] : [])));
}

test.each([
  { told: ['connected', 'upstream_unproven'], outcome: 'ready' },
  { told: ['left', 'upstream_unproven'], outcome: 'upstream_unproven' },
  { told: ['left', 'left'], outcome: 'ready' },
])('the end is what the last user was told: of $told comes $outcome', async ({ told, outcome }) => {
  const { notes } = notesOn(first);
  const ends = told.map((_, n) => notes.waits(userOf(n), initialization, of));
  const ending = notes.ended(initialization.id, 'ready', new Map());
  let settled = false;
  void ending.then(() => (settled = true));
  for (const [n, end] of ends.entries()) {
    // All that could be written has been.
    await expect.poll(() => notes.pending).toBe(0);
    expect(settled).toBe(false);
    end(told[n] ?? '');
  }
  expect(await ending).toMatchObject({ outcome, isFirst: true });
  await notes[Symbol.asyncDispose]();
});

test.each([
  { outcome: 'deadline_exceeded', edge: 'e2', goesOn: true },
  { outcome: 'abandoned', edge: 'e2', goesOn: true },
  { outcome: 'deadline_exceeded', edge: 'dead', goesOn: false },
  { outcome: 'ready', edge: 'e2', goesOn: false },
])('$outcome here, while a user waits at $edge: goes on is $goesOn', async ({ outcome, edge, goesOn }) => {
  const { notes } = notesOn(first, [{ edge }]);
  const ending = await notes.ended(initialization.id, outcome, new Map());
  if (goesOn) expect(ending).toBeUndefined();
  else expect(ending).toMatchObject({ outcome, isFirst: true });
  await notes[Symbol.asyncDispose]();
});

test('an edge that ends while a user waits for its connection leaves no ending open', async () => {
  const { notes } = notesOn(first);
  notes.waits(userOf(1), initialization, of);
  const ending = notes.ended(initialization.id, 'ready', new Map());
  await notes[Symbol.asyncDispose]();
  expect(await ending).toMatchObject({ outcome: 'ready', isFirst: true });
});

test('of plans of several targets in one initialization one writes the root', async () => {
  const { notes } = notesOn(first);
  const ends = [notes.waits(userOf(1), initialization, of), notes.waits(userOf(2), initialization, of)];
  const endings = ends.map(() => notes.ended(initialization.id, 'ready', new Map()));
  for (const end of ends) end('connected');
  const isFirst = (await Promise.all(endings)).map((ending) => ending?.isFirst);
  expect(isFirst.toSorted()).toEqual([false, true]);
  await notes[Symbol.asyncDispose]();
});

test('that the last user has left is no end while somebody is back, nor while the edge goes away', async () => {
  const { notes } = notesOn(first);
  notes.waits(userOf(1), initialization, of)('left');
  const reloaded = notes.ended(initialization.id, 'abandoned', new Map());
  const back = notes.waits(userOf(1), initialization, of);
  expect(await reloaded).toBeUndefined();
  back('left');
  const draining = notes.ended(initialization.id, 'abandoned', new Map());
  await notes[Symbol.asyncDispose]();
  expect(await draining).toBeUndefined();
});

test('users who are waited for leave nothing at the signal of their edge', async () => {
  const { signal } = new AbortController();
  const waits = new WaitCount();
  waits.begin();
  const through = waits.through(signal);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  waits.end('connected');
  await through;
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('what cannot be written is written later, in its order, with one log line', async () => {
  const written: RunNote[] = [];
  let failures = 2;
  const { lines, notes } = notesOn(async (batch) => {
    if (failures-- > 0) throw new BrokerUnavailable('away');
    written.push(...batch);
    return first(batch);
  });
  const end = notes.waits(userOf(1), initialization, of);
  await expect.poll(() => lines.length).toBe(1);
  end('connected');
  const ending = notes.ended(initialization.id, 'ready', new Map());
  expect(await ending).toMatchObject({ isFirst: true });
  expect(written.map(({ kind }) => kind)).toEqual(['waits', 'waits', 'generations', 'ended', 'claimed']);
  await notes[Symbol.asyncDispose]();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('users notice nothing of it');
});
