import { BrokerUnavailable, type Members, type RunNote, type RunWait, type Timelines } from '@reveille/orchestration';
import { sleep } from '@reveille/lifecycle';
import { createLogger } from '@reveille/telemetry';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { openInitialization } from '../../src/deliver/initialization.ts';
import { RunNotes } from '../../src/note/run-notes.ts';
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
  return { lines, notes: new RunNotes({ edge: 'e1', timelines, members, clock, logger, brokerMs: 1000 }) };
}

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
  const ends = Array.from({ length: 250 }, (_, n) => notes.waits(userOf(n), initialization, 'chat'));
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
  const ends = told.map((_, n) => notes.waits(userOf(n), initialization, 'chat'));
  const ending = notes.ended(initialization.id, 'ready', new Map());
  let settled = false;
  void ending.then(() => (settled = true));
  for (const [n, end] of ends.entries()) {
    await sleep(150);
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
  notes.waits(userOf(1), initialization, 'chat');
  const ending = notes.ended(initialization.id, 'ready', new Map());
  await notes[Symbol.asyncDispose]();
  expect(await ending).toMatchObject({ outcome: 'ready', isFirst: true });
});

test('while nothing can be written what is noted is dropped, with one log line', async () => {
  const { lines, notes } = notesOn(async () => {
    throw new BrokerUnavailable('away');
  });
  for (let round = 0; round < 3; round++) {
    notes.waits(userOf(round), initialization, 'chat')('connected');
    await expect.poll(() => notes.pending).toBe(0);
  }
  await notes[Symbol.asyncDispose]();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('users notice nothing of it');
});
