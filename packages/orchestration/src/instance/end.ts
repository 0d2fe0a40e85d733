import type { Failure, LedgerRecord } from '@reveille/contracts';
import type { Reading } from '../port/index.ts';
import type { Outcome } from './change.ts';
import type { Command, FailurePolicy } from './command.ts';
import { provedStable, struckOut } from './cooldown.ts';
import { mint } from './mint.ts';
import { timing } from './timing.ts';

type Of<K extends Command['kind']> = Extract<Command, { kind: K }>;

/** Losses that are remembered, newest last. */
const lossesKept = 10;
/** One loss is no loop, however few attempts a start has. */
const lossesOfLoop = 2;

/** A ready instance ended or stopped answering. What may still run is stopped next, before anything new starts. */
function lose(reading: Reading, record: LedgerRecord, { failure }: Of<'lose'>): Outcome {
  const { strikes, ...rest } = record;
  return {
    record: {
      ...rest,
      ...(strikes && !provedStable(record, reading.now) ? { strikes } : {}),
      state: 'lost',
      failure,
      losses: [...(record.losses ?? []), reading.now].slice(-lossesKept),
      timings: { ...record.timings, endedAt: reading.now },
    },
    change: 'lost',
    attendInMs: 0,
  };
}

/** Somebody stops it under a new epoch: whoever held it before can commit nothing more. */
function stop(reading: Reading, record: LedgerRecord, { owner, reason }: Of<'stop'>): Outcome {
  // A watch (`ready`, `lost`) only says that somebody is looking; a claim is exclusive.
  const claimed = record.state === 'starting' || record.state === 'stopping';
  if (claimed && reading.lease !== undefined && reading.lease.owner !== owner) return { refused: 'lease_held' };
  if (record.state === 'stopping' && reading.lease !== undefined) return { refused: 'no_change' };
  const { progress: _, ...rest } = record;
  return {
    record: {
      ...rest,
      state: 'stopping',
      epoch: mint(record.epoch, reading.nowUs),
      owner,
      stopReason: record.stopReason ?? reason,
    },
    change: 'stopping',
    lease: { owner, ttlMs: timing.leaseTtlMs.value },
  };
}

/** Nothing of it runs any more. A generation that was lost too often within the stability window ends as failed. */
function stopped(reading: Reading, record: LedgerRecord, { epoch, policy }: Of<'stopped'>): Outcome {
  if (record.epoch !== epoch) return { refused: 'epoch' };
  const ended = {
    version: record.version,
    instance: record.instance,
    service: record.service,
    scope: record.scope,
    scopeKey: record.scopeKey,
    catalog: record.catalog,
    generation: record.generation,
    attempt: record.attempt,
    epoch: record.epoch,
    dependencies: record.dependencies,
    timings: { ...record.timings, endedAt: record.timings.endedAt ?? reading.now },
    ...(record.losses ? { losses: record.losses } : {}),
    ...(record.origin ? { origin: record.origin } : {}),
    ...strikesLeft(record),
  };
  const looped = crashLoop(reading, record, policy);
  if (looped !== undefined) {
    const { attendInMs, ...struck } = struckOut(record, looped, policy, { now: reading.now, loop: true });
    return {
      record: { ...ended, ...struck, state: 'failed', dependents: [] },
      change: 'failed',
      lease: 'release',
      attendInMs,
    };
  }
  // A join changes the token, so "nobody" is still true when this lands: then there is nothing to look at again.
  const wanted = reading.interest.length > 0 || record.dependents.length > 0;
  return {
    record: { ...ended, state: 'cold', dependents: record.dependents },
    change: 'stopped',
    lease: 'release',
    ...(wanted ? { attendInMs: 0 } : untilLeft(record)),
  };
}

/** Stopped although it was ready, it has proved itself; cancelled on its way, it has not. */
function strikesLeft({ strikes, stopReason, timings }: LedgerRecord): Pick<LedgerRecord, 'strikes'> {
  const proved = stopReason !== 'lost' && timings.readyAt !== undefined;
  return strikes === undefined || proved ? {} : { strikes };
}

/** The failure of a generation that was lost too often within the stability window; after such a one, of the trial that was lost again. */
function crashLoop(reading: Reading, record: LedgerRecord, policy: FailurePolicy): Failure | undefined {
  const windowMs = timing.stabilityWindowMs.value;
  const recent = (record.losses ?? []).filter((at) => at > reading.now - windowMs).length;
  const bound = record.strikes ? 1 : Math.max(lossesOfLoop, policy.retry.attempts);
  if (record.stopReason !== 'lost' || record.failure === undefined || recent < bound) return undefined;
  const times = recent === 1 ? 'again' : `${recent} times`;
  const message = `${record.failure.name} was lost ${times} within ${windowMs / 1000} s: ${record.failure.message}`;
  return { ...record.failure, code: 'crash_loop', message: message.slice(0, 2000), retryable: true };
}

/** The sweep looks once more whether what it ran on has forgotten it. */
function untilLeft(record: LedgerRecord): { attendInMs?: number } {
  return record.dependencies.length === 0 ? {} : { attendInMs: timing.sweepMs.value };
}

/** Nobody waits for it any more, or its failure is over and nobody came back. */
function cancel(record: LedgerRecord): Outcome {
  return { record: cold(record), change: 'stopped', lease: 'release', ...untilLeft(record) };
}

function cold(record: LedgerRecord): LedgerRecord {
  const { failure: _, cooldownUntil: __, notBefore: ___, unwantedAt: ____, stopReason: _____, ...rest } = record;
  const { stopRequestedAt: ______, ...left } = rest;
  return { ...left, state: 'cold' };
}

/** Noted, and looked at at once: the note outlives whoever took it. */
function requestStop(reading: Reading, record: LedgerRecord): Outcome {
  if (record.stopRequestedAt !== undefined) return { refused: 'no_change' };
  return { record: { ...record, stopRequestedAt: reading.now }, change: 'stop_requested', attendInMs: 0 };
}

/** Whoever still wants it starts it anew, with all attempts. */
function clear(reading: Reading, record: LedgerRecord): Outcome {
  const { strikes: _, losses: __, ...left } = cold(record);
  const wanted = reading.interest.length > 0 || record.dependents.length > 0;
  return {
    record: left,
    change: 'stopped',
    lease: 'release',
    ...(wanted ? { attendInMs: 0 } : untilLeft(record)),
  };
}

/** Cold, and nobody wants it: the sweep need not look again. */
function rest(record: LedgerRecord): Outcome {
  const { unwantedAt: _, ...left } = record;
  return { record: left, change: 'stopped' };
}

export const end = { lose, stop, stopped, requestStop, clear, cancel, rest };
