import type { InstanceKey, LedgerRecord, Service } from '@reveille/contracts';
import type { Reading } from '../port/index.ts';
import type { Identity } from './command.ts';
import type { Situation } from './situation.ts';
import { isOtherThan } from './succession.ts';

/** What whoever watches a ready instance does to replace it by its next generation (`update: rolling`). */
export type Succession =
  | { next: 'nothing' }
  /** Claim the next generation and start it, beside the one that serves. */
  | { next: 'start_successor'; dependencyGenerations: Record<InstanceKey, number> }
  /** It is not wanted any more: end what may run of it, and forget it. */
  | { next: 'drop_successor' }
  /** The generation before has served its time: let edges move what is left, end what runs of it, and forget it. */
  | { next: 'end_drain' };

const nothing = { next: 'nothing' } as const;

/** The catalog says something else about its service than when this generation began. */
export function isOutdated(identity: Identity, record: LedgerRecord): boolean {
  const { definition } = record;
  return definition !== undefined && identity.definition !== undefined && definition !== identity.definition;
}

/** It was started on a generation that has been replaced and still serves those who were on it. */
export function isDrainedFor(record: LedgerRecord, dependency: Reading | undefined): boolean {
  const draining = dependency?.record?.draining;
  if (draining === undefined || draining.over) return false;
  return record.dependencyGenerations?.[dependency?.record?.instance as InstanceKey] === draining.generation;
}

/** Something that it follows (`onChange: restart`) is being replaced: it is to be replaced too, for as long as that takes. */
export function runsOnDrained(
  { spec, dependencies }: { spec: Service; dependencies: readonly Reading[] },
  record: LedgerRecord,
): boolean {
  return spec.dependsOn.some(({ onChange }, at) => onChange === 'restart' && isDrainedFor(record, dependencies[at]));
}

/** Whether its next generation is to start beside it. */
export function isToBeRolled(situation: Situation, record: LedgerRecord): boolean {
  if (situation.spec.update !== 'rolling' || record.draining !== undefined) return false;
  return isOutdated(situation.identity, record) || runsOnDrained(situation, record);
}

/** The next step of the one who watches a ready instance. One replacement at a time: the next waits until the last has drained. */
export function succession(situation: Situation, record: LedgerRecord, rolls: boolean): Succession {
  const { reading, dependencies, identity } = situation;
  const { draining, successor } = record;
  if (draining !== undefined) return isDrained(reading, record) ? { next: 'end_drain' } : nothing;
  if (!rolls) return successor === undefined ? nothing : { next: 'drop_successor' };
  if (dependencies.some((one, at) => one.record?.state !== 'ready' || isAboutToBeRolled(one, situation.declared?.[at])))
    return nothing;
  const dependencyGenerations = Object.fromEntries(
    dependencies.map((one) => [one.instance, one.record?.generation ?? 0]),
  ) as Record<InstanceKey, number>;
  if (successor !== undefined && isOtherThan(successor, { identity, dependencyGenerations }))
    return { next: 'drop_successor' };
  if ((successor?.notBefore ?? 0) > reading.now) return nothing;
  return { next: 'start_successor', dependencyGenerations };
}

/** Whoever runs on it would have to be replaced twice. One whose next generation fails is not waited for. */
function isAboutToBeRolled(
  { record }: Reading,
  declared: NonNullable<Situation['declared']>[number] | undefined,
): boolean {
  if (declared?.update !== 'rolling' || record?.definition === undefined || record.successor?.failed) return false;
  return declared.definition !== undefined && declared.definition !== record.definition;
}

/** No edge has a session on it, or its time is over. What runs on top was started on it, and is given that time to be replaced. */
function isDrained({ interest, now }: Reading, { draining, dependents }: LedgerRecord): boolean {
  if (draining === undefined || draining.over || now >= draining.until) return true;
  const isLeft = !draining.edges.some((edge) => interest.some((one) => one.edge === edge));
  return isLeft && dependents.length === 0;
}

/** One run that a record names. */
export type OwnedRun = Pick<LedgerRecord, 'generation' | 'host' | 'intent' | 'definition' | 'endpoint'>;

/** All runs that a record names: the one that serves, the one before and the next one. */
export function runsOf(record: LedgerRecord): OwnedRun[] {
  const { draining, successor } = record;
  return [record, ...(draining === undefined ? [] : [draining]), ...(successor === undefined ? [] : [successor])];
}

/** The record as if this run of it were the one that it is about: for whoever has to start or end it. */
export function recordOfRun(record: LedgerRecord, run: OwnedRun): LedgerRecord {
  const { draining: _, successor: __, host: ___, endpoint: ____, definition: _____, ...rest } = record;
  return {
    ...rest,
    generation: run.generation,
    ...(run.intent === undefined ? {} : { intent: run.intent }),
    ...(run.host === undefined ? {} : { host: run.host }),
    ...(run.definition === undefined ? {} : { definition: run.definition }),
    ...(run.endpoint === undefined ? {} : { endpoint: run.endpoint }),
  };
}
