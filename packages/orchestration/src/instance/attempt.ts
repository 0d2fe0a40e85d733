import type { Failure, LedgerRecord } from '@reveille/contracts';
import type { Reading } from '../port/index.ts';
import type { Change, Outcome } from './change.ts';
import { backoffLeftMs } from './clock-jump.ts';
import type { Command, FailurePolicy } from './command.ts';
import { mint } from './mint.ts';
import { afterReady, isTriedAgain, struckOut } from './cooldown.ts';
import { backoffMs } from './retry-policy.ts';
import { timing } from './timing.ts';

type Of<K extends Command['kind']> = Extract<Command, { kind: K }>;

const leaseTtlMs = timing.leaseTtlMs.value;

/** Claims beyond `retry.attempts` that dead initializers may cost: a start that kills its initializer must not go on for ever. */
export const takeoverAllowance = 3;

/** A worker takes the start: from the queue, or from a holder whose lease ran out (then it adopts what that one started). */
function claim(reading: Reading, record: LedgerRecord, command: Of<'claim'>): Outcome {
  if (reading.lease) return { refused: 'lease_held' };
  if (record.state === 'queued' && backoffLeftMs(record, reading.now) > 0) return { refused: 'not_before' };
  if (record.attempt >= command.attempts + takeoverAllowance) return { refused: 'worn_out' };
  const { host: _, notBefore: __, progress: ___, ...rest } = record;
  return {
    record: {
      ...rest,
      state: 'starting',
      attempt: record.attempt + 1,
      epoch: mint(record.epoch, reading.nowUs),
      owner: command.owner,
      ...(command.host === undefined ? {} : { host: command.host }),
      intent: { name: command.name },
      timings: { ...record.timings, claimedAt: reading.now },
    },
    change: 'claimed',
    // No attention of the sweep: it looks when the lease runs out.
    lease: { owner: command.owner, ttlMs: leaseTtlMs },
  };
}

function progress(record: LedgerRecord, command: Of<'progress'>): Outcome {
  if (record.epoch !== command.epoch) return { refused: 'epoch' };
  return { record: { ...record, progress: command.progress }, change: 'progress' };
}

/** The one commit that lets users in. The lease stays with its holder: from now on it is the watch. */
function ready(reading: Reading, record: LedgerRecord, command: Of<'ready'>): Outcome {
  if (record.epoch !== command.epoch) return { refused: 'epoch' };
  const { failure: _, progress: __, strikes: ___, ...rest } = record;
  return {
    record: {
      ...rest,
      ...afterReady(record),
      state: 'ready',
      endpoint: command.endpoint,
      publicKey: command.publicKey,
      timings: { ...record.timings, readyAt: reading.now },
    },
    change: 'ready',
    lease: { owner: command.owner, ttlMs: leaseTtlMs },
  };
}

/** An attempt failed: another one after a back-off, or the end of this generation until its cooldown is over. */
function failed(reading: Reading, record: LedgerRecord, { epoch, failure, policy }: Of<'attempt_failed'>): Outcome {
  if (record.epoch !== epoch) return { refused: 'epoch' };
  const { owner: _, progress: __, ...rest } = record;
  if (isTriedAgain(record, policy.retry, record.attempt, failure.code)) {
    const delayMs = backoffMs(policy.retry, record.attempt, policy.random);
    return {
      record: { ...rest, state: 'queued', failure, notBefore: reading.now + delayMs },
      change: 'attempt_failed',
      lease: 'release',
      attendInMs: delayMs + 2 * timing.sweepMs.value,
    };
  }
  return ended(reading, record, failure, policy);
}

/** Failed for good: remembered until the cooldown is over. */
function ended(reading: Reading, record: LedgerRecord, failure: Failure, policy: FailurePolicy): Change {
  const { owner: _, progress: __, ...rest } = record;
  const { attendInMs, ...struck } = struckOut(record, failure, policy, { now: reading.now, loop: false });
  return {
    record: {
      ...rest,
      ...struck,
      state: 'failed',
      dependents: [],
      timings: { ...record.timings, endedAt: reading.now },
    },
    change: 'failed',
    lease: 'release',
    attendInMs,
  };
}

/** Claim after claim was lost with its initializer: no more of them. */
function giveUp(reading: Reading, record: LedgerRecord, { failure, policy }: Of<'give_up'>): Outcome {
  if (reading.lease) return { refused: 'lease_held' };
  return ended(reading, record, failure, policy);
}

/** The holder is being shut down: the attempt is not counted, another worker takes it at once. */
function letGo(record: LedgerRecord, { epoch }: Of<'let_go'>): Outcome {
  if (record.epoch !== epoch) return { refused: 'epoch' };
  const { owner: _, progress: __, ...rest } = record;
  return {
    record: { ...rest, state: 'queued', attempt: Math.max(0, record.attempt - 1) },
    change: 'queued',
    lease: 'release',
    attendInMs: 0,
  };
}

export const attempt = { claim, progress, ready, failed, letGo, giveUp };
