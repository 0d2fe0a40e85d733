import type { InstanceKey, ScopeKey } from '@reveille/contracts';
import type { Member, Run, RunNote } from '@reveille/orchestration';
import { expect, test } from 'vitest';
import { LostEdges } from '../src/trace/lost-edges.ts';

const edge = (id: string): Member => ({ id, kind: 'edge', startedAt: 0 });

/** One initialization that a user of the edge `e1` waits for, and a clock. */
function lookout(run: Partial<Run> = {}) {
  const claims: (string | undefined)[] = [];
  const state = { now: 0, alive: [edge('e1'), edge('e2')] as Member[], isAway: false };
  const known: Run = {
    head: {
      ...{ initialization: 'i1', traceId: 'a'.repeat(32), traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
      ...{ entrypoint: 'chat', target: 'agent~global' as InstanceKey, instances: [], startedAt: 1000 },
    },
    others: [],
    end: { at: 2000, outcome: 'ready' },
    generations: new Map(),
    positions: new Map(),
    waits: [{ session: 's1', user: 'u' as ScopeKey, edge: 'e1', from: 1000 }],
    unlisted: 0,
    ...run,
  };
  const lost = new LostEdges({
    id: 'r1',
    now: () => state.now,
    members: { alive: async () => state.alive },
    timelines: {
      note: async (notes: readonly RunNote[]) => {
        for (const note of notes) if (note.kind === 'claimed') claims.push(note.session ?? 'root');
        return new Set(['i1']);
      },
      read: async () => ({ entries: [] }),
      run: async () => known,
      runs: async () => {
        if (state.isAway) throw new Error('away');
        return ['i1'];
      },
    },
  });
  const look = async (now: number, alive = state.alive): Promise<void> => {
    [state.now, state.alive] = [now, alive];
    await lost.look().catch(() => undefined);
  };
  return { look, claims, state };
}

test('an edge that was not heard of for a while owes the wait of its user and the root', async () => {
  const { look, claims } = lookout();
  await look(0);
  await look(3000, [edge('e2')]);
  expect(claims).toEqual([]);
  await look(18_000, [edge('e2')]);
  expect(claims).toEqual(['s1', 'root']);
  await look(40_000, [edge('e2')]);
  expect(claims).toHaveLength(2);
});

test('while nobody is heard of, as after an outage of Redis, nobody is gone', async () => {
  const { look, claims } = lookout();
  await look(0);
  await look(5000, []);
  await look(14_000, []);
  await look(16_000, [edge('e1'), edge('e2')]);
  await look(60_000);
  expect(claims).toEqual([]);
});

test('what could not be read is read at the next look', async () => {
  const { look, claims, state } = lookout();
  await look(0);
  state.isAway = true;
  await look(20_000, [edge('e2')]);
  expect(claims).toEqual([]);
  state.isAway = false;
  await look(23_000, [edge('e2')]);
  expect(claims).toEqual(['s1', 'root']);
});

test('the root is left to an edge that lives and has users who wait, and to whoever claimed it', async () => {
  const gone = { session: 's1', user: 'u' as ScopeKey, edge: 'e1', from: 1000 };
  const shared = lookout({ waits: [gone, { ...gone, session: 's2', edge: 'e2' }] });
  const claimed = lookout({ rootBy: 'e2.1' });
  for (const { look, claims } of [shared, claimed]) {
    await look(0);
    await look(20_000, [edge('e2')]);
    expect(claims).toEqual(['s1']);
  }
});
