import type { LedgerRecord } from '@reveille/contracts';
import { expect, test } from 'vitest';
import { mayBegin, mayServe } from '../../src/upstream/provenance.ts';

const newest = (record: Partial<LedgerRecord>) => ({ generation: 5, ...record }) as LedgerRecord;

test('a generation serves while it is ready, and keeps its sessions while it is being replaced', () => {
  expect(mayServe(5, newest({ state: 'ready' }))).toBe(true);
  expect(mayServe(5, newest({ state: 'stopping', stopReason: 'replaced' }))).toBe(true);
  for (const stopReason of ['cancelled', 'idle', 'lost', 'requested', 'failed', 'dependency'] as const)
    expect(mayServe(5, newest({ state: 'stopping', stopReason })), stopReason).toBe(false);
  for (const state of ['cold', 'waiting', 'queued', 'starting', 'failed', 'lost'] as const)
    expect(mayServe(5, newest({ state })), state).toBe(false);
});

test('a generation serves no more once another one is ready, also when everything in between was missed', () => {
  expect(mayServe(4, newest({ state: 'ready' }))).toBe(false);
  expect(mayServe(6, newest({ state: 'ready' }))).toBe(false);
});

test('without news what was ready stays so: nothing healthy is cut off because Redis is away', () => {
  expect(mayServe(5, undefined)).toBe(true);
});

test('one that was replaced by a next one beside it keeps its sessions, gets no new ones, and ends when its time is over', () => {
  const draining = { generation: 4, intent: { name: 'old' }, edges: [], until: 0, over: false };
  const beside = newest({ state: 'ready', draining });
  expect([mayServe(4, beside), mayBegin(4, beside), mayServe(3, beside)]).toEqual([true, false, false]);
  expect([mayServe(5, beside), mayBegin(5, beside)]).toEqual([true, true]);
  expect(mayServe(4, newest({ state: 'ready', draining: { ...draining, over: true } }))).toBe(false);
  expect(mayServe(4, newest({ state: 'stopping', stopReason: 'replaced', draining }))).toBe(false);
});
