import type { LedgerRecord } from '@reveille/contracts';
import { type Driver, type Ledger, type Reading, type RunName, timing } from '@reveille/orchestration';
import { createLogger } from '@reveille/telemetry';
import { expect, test } from 'vitest';
import { claimOf, leftoverLookMs, startLeftovers, UnknownSince } from '../src/watch/leftovers.ts';

const run = { name: 'reveille-db-global-5', instance: 'db~global', generation: 5 } as RunName;
const lease = { owner: 'me', until: 1 };

function readingOf(record: Partial<LedgerRecord> | undefined, more: Partial<Reading> = {}): Reading {
  return { instance: run.instance, record, lease: undefined, ...more } as Reading;
}
const claim = (record: Partial<LedgerRecord> | undefined, more: Partial<Reading> = {}) =>
  claimOf(run, readingOf(record, more), 'here');

test('what a record claims is left alone, whatever it is doing', () => {
  for (const state of ['waiting', 'queued', 'starting', 'ready', 'lost', 'stopping'] as const)
    expect(claim({ generation: 5, state, host: 'here' })).toBe('claimed');
  expect(claim({ generation: 5, state: 'cold' }, { lease })).toBe('claimed');
});

test('the generations beside the one that serves are claimed too, but for a next one that has failed for good', () => {
  const beside = { generation: 5, intent: { name: run.name } };
  const draining = { ...beside, edges: [], until: 0, over: true };
  expect(claim({ generation: 6, state: 'ready', draining })).toBe('claimed');
  const claimed = { attempt: 1, epoch: 1, owner: 'me', catalog: 'c', dependencyGenerations: {}, claimedAt: 0 };
  const successor = { ...beside, ...claimed };
  expect(claim({ generation: 4, state: 'ready', successor })).toBe('claimed');
  expect(claim({ generation: 4, state: 'ready', successor: { ...successor, failed: true } })).toBe('unclaimed');
});

test('an older generation, an ended one and one that became ready elsewhere are claimed by nobody', () => {
  expect(claim({ generation: 6, state: 'waiting' })).toBe('unclaimed');
  expect(claim({ generation: 5, state: 'cold' })).toBe('unclaimed');
  expect(claim({ generation: 5, state: 'failed' })).toBe('unclaimed');
  expect(claim({ generation: 5, state: 'ready', host: 'there' })).toBe('unclaimed');
});

test('what the ledger does not know is reaped only when that stays so, within the reap deadline', () => {
  expect(claim(undefined)).toBe('unknown');
  expect(claim({ generation: 4, state: 'ready' })).toBe('unknown');
  const unknown = new UnknownSince();
  const found = [{ run, claim: 'unknown' as const }];
  expect(unknown.sift('process', found, 0)).toEqual([]);
  expect(unknown.sift('process', found, timing.interestTtlMs.value - 1)).toEqual([]);
  expect(unknown.sift('process', found, timing.interestTtlMs.value)).toEqual(found);
  // Known for a moment, or Redis away for a moment: the time begins anew.
  unknown.sift('process', [{ run, claim: 'claimed' as const }], 16_000);
  expect(unknown.sift('process', found, 40_000)).toEqual([]);
  unknown.forget('process');
  expect(unknown.sift('process', found, 60_000)).toEqual([]);
});

test('by a ledger that may be the wrong side of a partition nothing is a leftover', () => {
  const unconfirmed = { unconfirmed: true } as const;
  expect(claim(undefined, unconfirmed)).toBe('claimed');
  expect(claim({ generation: 4, state: 'ready' }, unconfirmed)).toBe('claimed');
  // Both sides have started it.
  expect(claim({ generation: 6, state: 'ready' }, unconfirmed)).toBe('claimed');
});

test('what nobody owns is gone within the reap deadline, however unluckily the looks fall', () => {
  const graceMs = 5_000;
  const pauseMs = leftoverLookMs * 1.2;
  const unknown = new UnknownSince();
  const found = [{ run, claim: 'unknown' as const }];
  // It began right after a look, so the first one that sees it comes a pause later.
  for (let at = pauseMs; at <= timing.reapDeadlineMs.value - graceMs; at += pauseMs)
    if (unknown.sift('process', found, at).length > 0) return;
  expect.fail('it would have run on after the reap deadline');
});

test('a driver that cannot see what runs does not keep the leftovers of another one alive', async () => {
  const stopped = Promise.withResolvers<string>();
  const blind = { driver: 'docker', list: () => Promise.reject(new Error('the Engine is away')) };
  const seeing = {
    driver: 'process',
    list: () => Promise.resolve([run]),
    stop: (of: RunName) => {
      stopped.resolve(of.name);
      return Promise.resolve({ stopped: true });
    },
  };
  await using leftovers = startLeftovers({
    ledger: { read: () => Promise.resolve([readingOf({ generation: 6, state: 'waiting' })]) } as unknown as Ledger,
    drivers: [blind, seeing] as unknown as Driver[],
    host: 'here',
    logger: createLogger({ name: 'test', level: 'silent', destination: { write: () => undefined } }),
  });
  void leftovers;
  expect(await stopped.promise).toBe(run.name);
});
