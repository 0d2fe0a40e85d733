import { expect, test } from 'vitest';
import { LedgerClock } from '../../src/want/ledger-clock.ts';

/** A clock that has just learnt that the ledger is at a million. */
function learnt() {
  let mine = 0;
  const clock = new LedgerClock(() => mine);
  clock.learn(1_000_000, clock.asks());
  return { clock, pass: (ms: number) => void (mine += ms) };
}

test('between readings time goes on', () => {
  const { clock, pass } = learnt();
  pass(250);
  expect(clock.now()).toBe(1_000_250);
});

test('a reading that was long on its way does not set the clock back', () => {
  const { clock, pass } = learnt();
  const askedAt = clock.asks();
  pass(5000);
  clock.learn(1_000_010, askedAt);
  expect(clock.now()).toBe(1_005_000);
});

test('a reading that cannot be that early sets it forward', () => {
  const { clock, pass } = learnt();
  const askedAt = clock.asks();
  pass(10);
  clock.learn(1_000_500, askedAt);
  expect(clock.now()).toBe(1_000_500);
});

test('nodes of a cluster that differ a little do not set it back', () => {
  const { clock, pass } = learnt();
  pass(10);
  clock.learn(1_000_010 - 300, clock.asks());
  expect(clock.now()).toBe(1_000_010);
});

test('a ledger whose clock was set back by an hour is followed', () => {
  const { clock, pass } = learnt();
  const askedAt = clock.asks();
  pass(10);
  clock.learn(1_000_005 - 3_600_000, askedAt);
  expect(clock.now()).toBe(1_000_005 - 3_600_000);
});
