import type { Commit, CommitResult, Reading } from '../port/index.ts';
import type { Command, Refusal } from './command.ts';
import { decide } from './reconcile.ts';
import type { Situation } from './situation.ts';
import { transition } from './transition.ts';

/**
 * What a decision commits. Something that is wanted and needs nothing that is not ready is queued by the same commit: nothing else could be
 * decided in between, and nobody has to be told of it.
 */
export function nextCommit(situation: Situation, command: Command): Commit | Refusal {
  const first = transition(situation.reading, command);
  if ('refused' in first || command.kind !== 'want') return first;
  const reading = readingInstead(situation.reading, first);
  const next = decide({ ...situation, reading });
  if (next.next !== 'commit' || next.command.kind !== 'queue') return first;
  const second = transition(reading, next.command);
  return 'refused' in second ? first : second;
}

/** As if this commit had been made, for a further one that is made in its place: that one lands where this one would have. */
export function readingInstead(before: Reading, commit: Commit): Reading {
  const record = { ...commit.record, revision: before.token };
  return readingAfter(before, { ...commit, record }, { token: before.token, now: before.now });
}

/** A commit lands only on the token that it was decided on, so that nothing but itself has changed since then. */
export function readingAfter(
  before: Reading,
  { record, lease }: Commit,
  { token, now }: Omit<Extract<CommitResult, { committed: true }>, 'committed'>,
): Reading {
  const held = typeof lease === 'object' ? { owner: lease.owner, until: now + lease.ttlMs } : undefined;
  // The commit ends what an edge announced.
  const { announced: _, ...rest } = before;
  return {
    ...rest,
    token,
    record,
    lease: lease === undefined ? before.lease : held,
    now,
    nowUs: Math.max(before.nowUs, now * 1000),
  };
}

/** The same reading so many milliseconds later, for what would conflict if anything but the clock had changed. */
export function readingLater(reading: Reading, ms: number): Reading {
  const whole = Math.round(ms);
  return { ...reading, now: reading.now + whole, nowUs: reading.nowUs + whole * 1000 };
}
