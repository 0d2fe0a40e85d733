import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { childAbort, nextTurn } from '../../src/index.ts';

test('a child aborts with what is wider, for its reason, and not the other way round', () => {
  const outer = new AbortController();
  using one = childAbort(outer.signal);
  using other = childAbort(outer.signal);
  one.abort('done');
  expect([one.signal.reason, other.signal.aborted, outer.signal.aborted]).toEqual(['done', false, false]);
  outer.abort('closing');
  expect([one.signal.reason, other.signal.reason]).toEqual(['done', 'closing']);
  expect(childAbort(outer.signal).signal.reason).toBe('closing');
  expect(childAbort(undefined).signal.aborted).toBe(false);
});

test('a child of several aborts with the first of them', () => {
  const [one, other] = [new AbortController(), new AbortController()];
  using child = childAbort(one.signal, undefined, other.signal);
  other.abort('closing');
  one.abort('lost');
  expect(child.signal.reason).toBe('closing');
  expect(childAbort(new AbortController().signal, other.signal).signal.reason).toBe('closing');
});

test('a child that is over leaves nothing behind', () => {
  const outer = new AbortController();
  const child = childAbort(outer.signal);
  expect(getEventListeners(outer.signal, 'abort')).toHaveLength(1);
  child[Symbol.dispose]();
  expect(getEventListeners(outer.signal, 'abort')).toHaveLength(0);
  outer.abort();
  expect(child.signal.aborted).toBe(false);
});

test('whoever waits for the next turn in one turn goes on together, after what this turn delivers', async () => {
  const told: string[] = [];
  const waiting = [nextTurn(), nextTurn()];
  expect(waiting[0]).toBe(waiting[1]);
  process.nextTick(() => told.push('tick'));
  setImmediate(() => {
    told.push('immediate');
    void nextTurn().then(() => told.push('the turn after'));
  });
  await waiting[0];
  told.push('next turn');
  await nextTurn();
  await nextTurn();
  expect(told).toEqual(['tick', 'next turn', 'immediate', 'the turn after']);
});
