import type { InstanceKey, LedgerRecord } from '@reveille/contracts';
import type { Reading } from '../port/index.ts';
import { backoffLeftMs, coolsDown } from './clock-jump.ts';
import type { Command, StopReason } from './command.ts';
import { wasLetGo } from './let-go.ts';
import { isDrainedFor, isOutdated, isToBeRolled, runsOnDrained, type Succession, succession } from './replacement.ts';
import type { Situation } from './situation.ts';
import { timing } from './timing.ts';
import { isUnwanted, isWanted } from './wanted.ts';

/** The one next step towards what is wanted. `commit`: do it and look again. */
export type Decision =
  | { next: 'nothing' }
  | { next: 'commit'; command: Command }
  /** Add the instance to the dependents of these, wake them, and look again. */
  | { next: 'join_dependencies'; dependencies: InstanceKey[] }
  /** Take the instance from the dependents of these, and look again. */
  | { next: 'leave_dependencies'; dependencies: InstanceKey[] }
  /** Cold, and nobody wants it: commit `rest`, so that the sweep need not look again. */
  | { next: 'rest' }
  /** Make sure that a start job exists for this attempt. */
  | { next: 'enqueue_start'; attempt: number; delayMs: number }
  /** Ready, and nobody watches it: take the watch. */
  | { next: 'watch' }
  /** Stop it under a new epoch, then look again. */
  | { next: 'stop'; reason: StopReason }
  | Succession;

const nothing: Decision = { next: 'nothing' };

/** Level-triggered: compares what is wanted with what is, whatever happened in between. */
export function decide(situation: Situation): Decision {
  const { reading } = situation;
  const record = reading.record;
  if (record === undefined || record.state === 'cold') return cold(situation);
  switch (record.state) {
    case 'failed':
      return failed(situation, record);
    case 'waiting':
      return ended(situation, record) ?? noted(situation, record) ?? outlived(situation, record) ?? waiting(situation);
    case 'queued':
      return (
        ended(situation, record) ?? noted(situation, record) ?? outlived(situation, record) ?? queued(situation, record)
      );
    case 'starting':
      return starting(situation, record);
    case 'ready':
      return ready(situation, record);
    case 'lost':
      return mayAct(situation, record) ? { next: 'stop', reason: 'lost' } : nothing;
    case 'stopping':
      return reading.lease || !mayAct(situation, record)
        ? nothing
        : { next: 'stop', reason: record.stopReason ?? 'requested' };
  }
}

function want(situation: Situation): Decision {
  return { next: 'commit', command: { kind: 'want', identity: situation.identity, origin: situation.origin } };
}

function cold(situation: Situation): Decision {
  if (isWanted(situation.reading)) return want(situation);
  return leave(situation) ?? (situation.reading.record ? { next: 'rest' } : nothing);
}

function failed(situation: Situation, record: LedgerRecord): Decision {
  const left = leave(situation);
  if (left) return left;
  if (coolsDown(record, situation.reading.now)) return nothing;
  return isWanted(situation.reading) ? want(situation) : { next: 'commit', command: { kind: 'cancel' } };
}

/** What it ran on still counts it: whoever ended it went away before saying so, and its dependencies would never be idle. */
function leave({
  reading,
  dependencies,
  former,
}: Pick<Situation, 'reading' | 'dependencies' | 'former'>): Decision | undefined {
  const counting = [...dependencies, ...former].filter((one) => countsOn(one, reading.instance));
  return counting.length === 0
    ? undefined
    : { next: 'leave_dependencies', dependencies: counting.map((one) => one.instance) };
}

function countsOn(dependency: Reading, instance: InstanceKey): boolean {
  return dependency.record?.dependents.includes(instance) ?? false;
}

/** What an operator has decided about something that has not been claimed yet: it ends, or nothing of its service starts at all. */
function ended({ paused, spec }: Situation, record: LedgerRecord): Decision | undefined {
  if (!isToEnd(record, paused !== undefined)) return undefined;
  if (paused === undefined || wasLetGo(record)) return cancel(record, 'requested');
  return { next: 'commit', command: { kind: 'refuse', failure: paused, cooldownMs: spec.cooldownMs } };
}

/** Whether an operator wants this generation to end, whoever wants it to go on. */
export function isToEnd(record: LedgerRecord, isPaused: boolean): boolean {
  return isPaused || record.stopRequestedAt !== undefined;
}

/** Keeps `unwantedAt` true to the interest, and cancels what nobody has waited for longer than the linger. */
function noted(situation: Situation, record: LedgerRecord): Decision | undefined {
  const { reading } = situation;
  if (isWanted(reading))
    return record.unwantedAt === undefined ? undefined : { next: 'commit', command: { kind: 'note_wanted' } };
  if (joinedSince(reading, record)) return { next: 'commit', command: { kind: 'note_unwanted' } };
  if (reading.now < (record.unwantedAt ?? reading.now) + timing.lingerMs.value) return nothing;
  return cancel(record, 'cancelled');
}

/** What may run is stopped like any other start, so that the next generation does not begin beside it. */
function cancel(record: LedgerRecord, reason: StopReason): Decision {
  return wasLetGo(record) ? { next: 'stop', reason } : { next: 'commit', command: { kind: 'cancel' } };
}

/** It was let go and may run, on top of a dependency that is not the same any more. Adopted, it would never hear of the other one. */
function outlived(situation: Situation, record: LedgerRecord): Decision | undefined {
  const isOutlived = wasLetGo(record) && restartingDependencies(situation).some((one) => hasMovedOn(record, one));
  return isOutlived ? { next: 'stop', reason: 'dependency' } : undefined;
}

/** Those whose next generation means another one of this instance too. */
function restartingDependencies({ spec, dependencies }: Situation): Reading[] {
  return dependencies.filter((_, index) => spec.dependsOn[index]?.onChange === 'restart');
}

function waiting({ dependencies, former, identity, reading }: Situation): Decision {
  // A dependency that failed for good fails its dependents at once, with the same root cause, until the last of them may be tried again.
  const broken = dependencies.filter((one) => isCoolingDown(one));
  const failure = broken.find((one) => one.record?.failure)?.record?.failure;
  if (failure) {
    const cooldownUntil = Math.max(...broken.map((one) => one.record?.cooldownUntil ?? reading.now));
    return { next: 'commit', command: { kind: 'fail_dependency', failure, cooldownUntil } };
  }
  const unjoined = dependencies.filter((one) => !countsOn(one, identity.instance));
  if (unjoined.length > 0) return { next: 'join_dependencies', dependencies: unjoined.map((one) => one.instance) };
  const left = leave({ reading, dependencies: [], former });
  if (left) return left;
  if (dependencies.some((one) => one.record?.state !== 'ready')) return nothing;
  const dependencyGenerations = Object.fromEntries(
    dependencies.map((one) => [one.instance, one.record?.generation ?? 0]),
  ) as Record<InstanceKey, number>;
  return { next: 'commit', command: { kind: 'queue', dependencyGenerations } };
}

function queued(situation: Situation, record: LedgerRecord): Decision {
  const stale = (one: Reading) => record.dependencyGenerations?.[one.instance] === undefined || hasMovedOn(record, one);
  if (situation.dependencies.some(stale)) return { next: 'commit', command: { kind: 'wait' } };
  return {
    next: 'enqueue_start',
    attempt: record.attempt + 1,
    delayMs: backoffLeftMs(record, situation.reading.now),
  };
}

function starting(situation: Situation, record: LedgerRecord): Decision {
  const { reading } = situation;
  if (reading.lease || !mayAct(situation, record)) return nothing;
  if (isToEnd(record, situation.paused !== undefined)) return { next: 'stop', reason: 'requested' };
  if (isUnwanted(reading)) return { next: 'stop', reason: 'cancelled' };
  if (!isWanted(reading)) return nothing;
  return { next: 'enqueue_start', attempt: record.attempt + 1, delayMs: 0 };
}

function ready(situation: Situation, record: LedgerRecord): Decision {
  const { reading } = situation;
  // Also not watched from elsewhere: whoever may not act on it would keep away those who may.
  if (!mayAct(situation, record)) return nothing;
  if (isToEnd(record, situation.paused !== undefined)) return { next: 'stop', reason: 'requested' };
  const isOther = (one: Reading) => hasMovedOn(record, one) && !isDrainedFor(record, one);
  if (restartingDependencies(situation).some(isOther)) return { next: 'stop', reason: 'dependency' };
  const idle = idleDecision(situation, record);
  if (idle) return idle;
  const rolls = isToBeRolled(situation, record);
  const needed = situation.dependencies.filter((one) => rolls || isStartedOn(record, one));
  const unnoted = needed.filter((one) => !record.dependencies.includes(one.instance));
  if (unnoted.length > 0)
    return { next: 'commit', command: { kind: 'need_also', dependencies: unnoted.map((one) => one.instance) } };
  const unjoined = needed.filter((one) => !countsOn(one, record.instance));
  if (unjoined.length > 0) return { next: 'join_dependencies', dependencies: unjoined.map((one) => one.instance) };
  if (reading.lease === undefined) return { next: 'watch' };
  // What only the generation before ran on, or a next one that is not wanted any more.
  const former =
    (record.draining ?? record.successor) ? [] : situation.former.filter((one) => !isStartedOn(record, one));
  const left = leave({ reading, dependencies: [], former });
  if (left) return left;
  return reading.lease.owner === situation.self.owner ? succession(situation, record, rolls) : nothing;
}

function idleDecision(
  { reading, spec, identity, dependencies }: Situation,
  record: LedgerRecord,
): Decision | undefined {
  // Noted also when somebody joined: the commit tells the sweep that a ready instance needs no more looks.
  if (isWanted(reading))
    return record.unwantedAt !== undefined || reading.token !== record.revision
      ? { next: 'commit', command: { kind: 'note_wanted' } }
      : undefined;
  if (!isUnwanted(reading)) return undefined;
  if (joinedSince(reading, record)) return { next: 'commit', command: { kind: 'note_unwanted' } };
  const idleMs = reading.now - (record.unwantedAt ?? reading.now);
  const waits = isOutdated(identity, record) || runsOnDrained({ spec, dependencies }, record);
  if (waits && spec.update !== 'manual' && idleMs >= timing.lingerMs.value) return { next: 'stop', reason: 'replaced' };
  if (spec.idle.stopAfterMs === undefined) return undefined;
  return idleMs >= spec.idle.stopAfterMs ? { next: 'stop', reason: 'idle' } : undefined;
}

/** Nobody wants it, and that is not noted yet, or somebody came and left since it was. */
function joinedSince(reading: Reading, record: LedgerRecord): boolean {
  return record.unwantedAt === undefined || reading.token !== record.revision;
}

/** What lives on a host can be looked at and stopped only there, unless no initializer of that host lives: then it died with them. */
function mayAct({ self, aliveHosts }: Situation, record: LedgerRecord): boolean {
  return record.host === undefined || record.host === self.host || !aliveHosts.has(record.host);
}

/** A catalog that names further dependencies holds for the next generation. */
function isStartedOn(record: LedgerRecord, dependency: Reading): boolean {
  return record.dependencyGenerations?.[dependency.instance] !== undefined;
}

/** The dependency is not the ready generation that this instance was started with. */
function hasMovedOn(record: LedgerRecord, dependency: Reading | undefined): boolean {
  if (dependency === undefined || !isStartedOn(record, dependency)) return false;
  const known = record.dependencyGenerations?.[dependency.instance];
  return dependency.record?.state !== 'ready' || known !== dependency.record.generation;
}

export function isCoolingDown(reading: Reading): boolean {
  return reading.record !== undefined && coolsDown(reading.record, reading.now);
}
