import { expect, test } from 'vitest';
import { Clock } from './clock.ts';

function noting(clock: Clock): { noted: string[]; note(what: string): () => void } {
  const noted: string[] = [];
  return { noted, note: (what) => () => void noted.push(`${clock.now} ${what}`) };
}

test('timers run at their time, those of one time in the order in which they were set', () => {
  const clock = new Clock(100);
  const { noted, note } = noting(clock);
  for (const ms of [5, 3, 5, 1, 3]) clock.timer(note(`after ${ms}`), ms, false);
  clock.advance(4);
  expect(noted).toEqual(['101 after 1', '103 after 3', '103 after 3']);
  expect([clock.now, clock.isDue(104), clock.isDue(105)]).toEqual([104, false, true]);
});

test('a timer that a timer sets for now runs 1 ms later, so that time goes on', () => {
  const clock = new Clock(0);
  const { noted, note } = noting(clock);
  clock.timer(() => clock.timer(note('inner'), 0, false), 2, false);
  clock.advance(10);
  expect(noted).toEqual(['3 inner']);
});

test('an interval runs until it is cleared, and a refreshed timer once, from then on', () => {
  const clock = new Clock(0);
  const { noted, note } = noting(clock);
  const repeated = clock.timer(note('again'), 4, true);
  const once = clock.timer(note('once'), 6, false);
  clock.advance(5);
  once.refresh();
  clock.advance(4);
  clock.clear(repeated);
  clock.advance(50);
  expect(noted).toEqual(['4 again', '8 again', '11 once']);
});

test('of many timers that are cleared nothing is left, and the others keep their order', () => {
  const clock = new Clock(0);
  const { noted, note } = noting(clock);
  const timers = Array.from({ length: 5_000 }, (_, index) => clock.timer(note(`${index}`), 5_000 - index, false));
  for (const [index, timer] of timers.entries()) if (index % 100 !== 0) clock.clear(timer);
  clock.advance(10_000);
  expect(noted).toEqual(Array.from({ length: 50 }, (_, index) => `${100 * (index + 1)} ${4_900 - 100 * index}`));
});

test('what one timer throws is thrown once all others have run', () => {
  const clock = new Clock(0);
  const { noted, note } = noting(clock);
  const fails = (): void => {
    throw new Error('of a timer');
  };
  clock.timer(fails, 1, false);
  clock.timer(note('other'), 2, false);
  expect(() => clock.advance(5)).toThrow('of a timer');
  expect([noted, clock.now]).toEqual([['2 other'], 5]);
});
