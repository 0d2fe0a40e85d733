import type { Draining, InstanceKey, LedgerRecord, Successor } from '@reveille/contracts';
import type { Reading } from '../port/index.ts';
import { takeoverAllowance } from './attempt.ts';
import type { Change, Outcome } from './change.ts';
import type { Command } from './command.ts';
import { isTriedAgain, struckOut } from './cooldown.ts';
import { mint } from './mint.ts';
import { backoffMs } from './retry-policy.ts';
import { runNameOf } from './run-name.ts';
import { timing } from './timing.ts';

type Of<K extends Command['kind']> = Extract<Command, { kind: K }>;

function needAlso(record: LedgerRecord, { dependencies }: Of<'need_also'>): Outcome {
  const all = [...new Set([...record.dependencies, ...dependencies])];
  return all.length === record.dependencies.length
    ? { refused: 'no_change' }
    : changed({ ...record, dependencies: all });
}

/**
 * Whoever watches the ready generation starts the next one. The watch lease keeps others away; should it be lost meanwhile, its next
 * holder claims the same generation under a higher epoch, and adopts what runs of it.
 */
function claim(reading: Reading, record: LedgerRecord, command: Of<'claim_successor'>): Outcome {
  const { identity, owner, host, dependencyGenerations } = command;
  if (reading.lease?.owner !== owner) return { refused: 'lease_held' };
  if (record.draining !== undefined) return { refused: 'no_change' };
  const last = record.successor;
  if ((last?.notBefore ?? 0) > reading.now) return { refused: 'not_before' };
  const goesOn = last !== undefined && last.failed !== true;
  if (goesOn && isOtherThan(last, { identity, dependencyGenerations })) return { refused: 'no_change' };
  // Claim after claim was lost with its initializer: what is left of it is reaped, and only a new generation is tried again.
  if (goesOn && last.attempt >= command.attempts + takeoverAllowance)
    return changed({ ...record, successor: { ...last, failed: true, notBefore: reading.now + command.cooldownMs } });
  const generation = goesOn ? last.generation : mint(Math.max(record.generation, last?.generation ?? 0), reading.nowUs);
  const successor: Successor = {
    generation,
    attempt: (goesOn ? last.attempt : 0) + 1,
    epoch: mint(Math.max(record.epoch, last?.epoch ?? 0), reading.nowUs),
    owner,
    ...(host === undefined ? {} : { host }),
    intent: { name: runNameOf({ ...record, generation }) },
    catalog: identity.catalog,
    ...(identity.definition === undefined ? {} : { definition: identity.definition }),
    dependencyGenerations,
    claimedAt: reading.now,
    ...(last?.strikes ? { strikes: last.strikes } : {}),
  };
  return { ...changed({ ...record, successor }), lease: { owner, ttlMs: timing.leaseTtlMs.value } };
}

/** The one commit that lets new sessions into the next generation, and no further ones into the last. */
function ready(reading: Reading, record: LedgerRecord, command: Of<'successor_ready'>): Outcome {
  const { successor, draining: _, strikes: __, losses: ___, ...rest } = record;
  if (successor?.epoch !== command.epoch) return { refused: 'epoch' };
  const { generation, attempt, epoch, host, intent, catalog, definition, dependencyGenerations } = successor;
  const { host: ____, definition: _____, ...common } = rest;
  const needed = Object.keys(dependencyGenerations) as InstanceKey[];
  const draining: Draining = {
    generation: record.generation,
    ...(record.host === undefined ? {} : { host: record.host }),
    intent: record.intent ?? { name: runNameOf(record) },
    ...(record.definition === undefined ? {} : { definition: record.definition }),
    ...(record.endpoint === undefined ? {} : { endpoint: record.endpoint }),
    edges: reading.interest.map(({ edge }) => edge),
    until: reading.now + command.drainMs,
    over: false,
  };
  return {
    record: {
      ...common,
      ...{ generation, attempt, epoch, intent, catalog, dependencyGenerations, draining },
      ...(host === undefined ? {} : { host }),
      ...(definition === undefined ? {} : { definition }),
      owner: command.owner,
      // Until it has ended, the generation before still runs on what it was started on.
      dependencies: [...new Set([...needed, ...record.dependencies])],
      endpoint: command.endpoint,
      publicKey: command.publicKey,
      timings: { wantedAt: successor.claimedAt, claimedAt: successor.claimedAt, readyAt: reading.now },
    },
    change: 'ready',
    lease: { owner: command.owner, ttlMs: timing.leaseTtlMs.value },
  };
}

/** The generation that serves goes on. The next one is tried again after a back-off, and after the cooldown as a new generation. */
function failed(reading: Reading, record: LedgerRecord, { epoch, failure, policy }: Of<'successor_failed'>): Outcome {
  const { successor } = record;
  if (successor?.epoch !== epoch) return { refused: 'epoch' };
  if (isTriedAgain(successor, policy.retry, successor.attempt, failure.code)) {
    const delayMs = backoffMs(policy.retry, successor.attempt, policy.random);
    return changed({ ...record, successor: { ...successor, failure, notBefore: reading.now + delayMs } });
  }
  const struck = struckOut(successor, failure, policy, { now: reading.now, loop: false });
  const { cooldownUntil: notBefore, strikes } = struck;
  return changed({
    ...record,
    successor: { ...successor, failure: struck.failure, failed: true, notBefore, strikes },
  });
}

function letGo(record: LedgerRecord, { epoch }: Of<'let_successor_go'>): Outcome {
  const { successor } = record;
  if (successor?.epoch !== epoch) return { refused: 'epoch' };
  return changed({ ...record, successor: { ...successor, attempt: Math.max(0, successor.attempt - 1) } });
}

function drop(record: LedgerRecord, { generation }: Of<'drop_successor'>): Outcome {
  const { successor, ...rest } = record;
  return successor?.generation === generation ? changed(rest) : { refused: 'no_change' };
}

function leave(record: LedgerRecord, { edge, generation }: Of<'leave_draining'>): Outcome {
  const { draining } = record;
  if (draining?.generation !== generation || !draining.edges.includes(edge)) return { refused: 'no_change' };
  return changed({ ...record, draining: { ...draining, edges: draining.edges.filter((one) => one !== edge) } });
}

function endDrain(record: LedgerRecord, { generation }: Of<'end_drain'>): Outcome {
  const { draining } = record;
  if (draining?.generation !== generation || draining.over) return { refused: 'no_change' };
  return changed({ ...record, draining: { ...draining, over: true } });
}

function drained(record: LedgerRecord, { generation }: Of<'drained'>): Outcome {
  const { draining, ...rest } = record;
  return draining?.generation === generation ? changed(rest) : { refused: 'no_change' };
}

/** It was begun for another entry of the catalog, or on other generations of what it needs. */
export function isOtherThan(
  successor: Successor,
  now: {
    identity: { definition?: string };
    dependencyGenerations: Readonly<Record<InstanceKey, number>>;
  },
): boolean {
  const [was, is] = [successor.dependencyGenerations, now.dependencyGenerations];
  const keys = new Set([...Object.keys(was), ...Object.keys(is)]) as Set<InstanceKey>;
  return successor.definition !== now.identity.definition || [...keys].some((key) => was[key] !== is[key]);
}

/** What is ready is looked at by its watch, so that no attention of the sweep is asked for. */
function changed(record: Change['record']): Change {
  return { record, change: 'joined' };
}

export const succession = { needAlso, claim, ready, failed, letGo, drop, leave, endDrain, drained };
