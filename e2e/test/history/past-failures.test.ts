import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { violationsIn } from '../../src/history/check.ts';
import { readHistory } from '../../src/history/history.ts';

/**
 * Histories that real runs of rows left (`REVEILLE_FAULT_KEEP=all`), shortened: without the users who talked on beside, looks that saw nothing
 * new, and commits that changed no state.
 */
const folder = join(import.meta.dirname, 'past');

type Failure = {
  readonly name: string;
  readonly found: readonly RegExp[];
  /** The same row after it was mended. */
  readonly mended: string;
};

const failures: readonly Failure[] = [
  {
    // An initializer was cut off with the old primary, which did not know what the other side had started since.
    name: 'reaped-by-the-other-side',
    found: [/^2 nothing ready is killed: app \(process \d+\) was told to end while its generation \d+ was ready$/],
    mended: 'cut-off-mended',
  },
  {
    // A sentinel was slow to answer, which ended the process of an initializer, and with it what that had started.
    name: 'ended-with-what-ran',
    found: [/^2 nothing ready is killed: db \(process/, /^2 nothing ready is killed: app \(process/],
    mended: 'cut-off-mended',
  },
  {
    // Made by taking out what names the unanswered to their users: the service was killed in the middle of an answer.
    name: 'answer-vanished',
    found: [/^7 delivered once or told: message m1 of ann#1 was accepted, and its answer vanished silently$/],
    mended: 'killed-in-an-answer-mended',
  },
];

const historyOf = (name: string) => readHistory(readFileSync(join(folder, `${name}.jsonl`), 'utf8'));

test('each history that is kept is one of these', () => {
  const names = new Set(failures.flatMap(({ name, mended }) => [`${name}.jsonl`, `${mended}.jsonl`]));
  expect(new Set(readdirSync(folder))).toEqual(names);
});

test.for(failures)('$name: the checker finds it, and nothing once it was mended', ({ name, found, mended }) => {
  expect(violationsIn(historyOf(name))).toEqual(found.map((one) => expect.stringMatching(one)));
  const afterwards = historyOf(mended);
  expect(afterwards.some(({ did }) => did === 'fault')).toBe(true);
  expect(violationsIn(afterwards)).toEqual([]);
});
