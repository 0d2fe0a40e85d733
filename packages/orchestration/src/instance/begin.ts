import type { InstanceKey, LedgerRecord } from '@reveille/contracts';
import type { Reading } from '../port/index.ts';
import type { Outcome } from './change.ts';
import { coolsDown } from './clock-jump.ts';
import type { Command, Identity } from './command.ts';
import { remembered } from './cooldown.ts';
import { wasLetGo } from './let-go.ts';
import { mint } from './mint.ts';
import { timing } from './timing.ts';

type Of<K extends Command['kind']> = Extract<Command, { kind: K }>;

const soonMs = timing.sweepMs.value;

function coldRecord(identity: Identity): LedgerRecord {
  return {
    version: 1,
    instance: identity.instance,
    service: identity.service,
    scope: identity.scope,
    scopeKey: identity.scopeKey,
    catalog: identity.catalog,
    ...(identity.definition === undefined ? {} : { definition: identity.definition }),
    revision: 0,
    state: 'cold',
    generation: 0,
    attempt: 0,
    epoch: 0,
    dependencies: [...identity.dependencies],
    dependents: [],
    timings: {},
  };
}

/** Someone wants it: a new generation begins, and nothing of the last one but its numbers and its dependents goes along. */
function want(reading: Reading, { identity, origin }: Of<'want'>): Outcome {
  const last = reading.record;
  if (last !== undefined && coolsDown(last, reading.now)) return { refused: 'cooling_down' };
  const record: LedgerRecord = {
    ...coldRecord(identity),
    state: 'waiting',
    generation: mint(last?.generation ?? 0, reading.nowUs),
    epoch: last?.epoch ?? 0,
    dependents: last?.dependents ?? [],
    timings: { wantedAt: reading.now },
    ...(last?.losses ? { losses: last.losses } : {}),
    ...(last ? remembered(last, reading.now) : {}),
    ...(origin ? { origin } : {}),
  };
  return { record, change: 'wanted', attendInMs: soonMs };
}

/** Another instance is going to run on top of this one. Makes the record when there is none: then it is wanted and cold. */
function addDependent(reading: Reading, { identity, dependent }: Of<'add_dependent'>): Outcome {
  const record = reading.record ?? coldRecord(identity);
  if (record.dependents.includes(dependent)) return { refused: 'no_change' };
  const { unwantedAt: _, ...rest } = record;
  return {
    record: { ...rest, dependents: [...record.dependents, dependent] },
    change: 'joined',
    ...attention(record, record.state === 'cold' ? 0 : soonMs),
  };
}

function dropDependents(reading: Reading, record: LedgerRecord, { dependents }: Of<'drop_dependents'>): Outcome {
  const left = record.dependents.filter((one) => !dependents.includes(one));
  if (left.length === record.dependents.length) return { refused: 'no_change' };
  const wanted = left.length > 0 || reading.interest.length > 0;
  return {
    record: { ...record, dependents: left },
    change: 'joined',
    // Left alone it is looked at now: that is noted, and the note ends the attention.
    ...(wanted ? attention(record, soonMs) : { attendInMs: 0 }),
  };
}

/** What is ready is looked at by its watch; what is on its way, by the sweep. */
function attention(record: LedgerRecord, ms: number): { attendInMs?: number } {
  return record.state === 'ready' ? {} : { attendInMs: ms };
}

/** A token above the revision: somebody joined since the last commit, and has left again. The time counts anew. */
function noteUnwanted(reading: Reading, record: LedgerRecord): Outcome {
  if (record.unwantedAt !== undefined && reading.token === record.revision) return { refused: 'no_change' };
  return {
    record: { ...record, unwantedAt: reading.now },
    change: 'joined',
    ...attention(record, timing.lingerMs.value),
  };
}

function noteWanted(reading: Reading, record: LedgerRecord): Outcome {
  if (record.unwantedAt === undefined && reading.token === record.revision) return { refused: 'no_change' };
  const { unwantedAt: _, ...rest } = record;
  return { record: rest, change: 'joined', ...attention(record, soonMs) };
}

/** All it needs is ready. */
function queue(reading: Reading, record: LedgerRecord, { dependencyGenerations }: Of<'queue'>): Outcome {
  return {
    record: {
      ...record,
      state: 'queued',
      dependencies: Object.keys(dependencyGenerations) as InstanceKey[],
      dependencyGenerations,
      timings: { ...record.timings, queuedAt: reading.now },
    },
    change: 'queued',
    // The start job normally takes it within milliseconds; the sweep looks whether the job was lost.
    attendInMs: 2 * soonMs,
  };
}

/** Something it needs was lost between queueing and claiming. What may run keeps the names of what it was started with. */
function wait(_: Reading, record: LedgerRecord): Outcome {
  const { dependencyGenerations: __, ...rest } = record;
  return { record: { ...(wasLetGo(record) ? record : rest), state: 'waiting' }, change: 'wanted', attendInMs: soonMs };
}

function failDependency(
  reading: Reading,
  record: LedgerRecord,
  { failure, cooldownUntil }: Of<'fail_dependency'>,
): Outcome {
  return {
    record: {
      ...record,
      state: 'failed',
      failure,
      cooldownUntil,
      // Whoever runs on top reads this record; keeping them here would start it again by itself after the cooldown.
      dependents: [],
      timings: { ...record.timings, endedAt: reading.now },
    },
    change: 'failed',
    attendInMs: Math.max(0, cooldownUntil - reading.now) + soonMs,
  };
}

/** There is no place for it at the moment. No strike: nothing of it failed. */
function refuse(reading: Reading, record: LedgerRecord, { failure, cooldownMs }: Of<'refuse'>): Outcome {
  return {
    record: {
      ...record,
      state: 'failed',
      failure: { ...failure, retryAfterMs: cooldownMs },
      cooldownUntil: reading.now + cooldownMs,
      dependents: [],
      timings: { ...record.timings, endedAt: reading.now },
    },
    change: 'failed',
    attendInMs: cooldownMs + soonMs,
  };
}

export const begin = {
  want,
  addDependent,
  dropDependents,
  noteUnwanted,
  noteWanted,
  queue,
  wait,
  failDependency,
  refuse,
};
