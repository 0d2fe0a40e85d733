import type { InstanceKey } from '@reveille/contracts';
import type { Reading } from '@reveille/orchestration';
import { Problem } from '../http/problem.ts';
import { usersOf } from '../view/instance-view.ts';
import { applyCommand } from './commands.ts';
import { findInstances, wakeUpsFor } from './find-instances.ts';
import type { OperatorParts } from './operator-parts.ts';
import { refusePaused } from './refuse-paused.ts';

/** Of those that are in use so many are named. */
const usedNamed = 20;

/** One instance, or all of a service. */
export type Meant = { instance?: InstanceKey | undefined; service?: string | undefined };
export type EndResult = { instance: InstanceKey; generation: number; outcome: 'asked' | 'not_running' };

/** @throws Problem when there is none */
export async function meant({ broker, catalog }: OperatorParts, { instance, service }: Meant): Promise<Reading[]> {
  if (instance !== undefined) {
    const readings = (await broker.ledger.read([instance])).filter(({ record }) => record !== undefined);
    if (readings.length === 0) throw new Problem('not_found', `There is no instance ${instance}.`);
    return readings;
  }
  const found = await findInstances(broker.ledger, ({ record }) => record?.service === service);
  if (found.length === 0 && !Object.hasOwn(catalog().catalog.services, service ?? ''))
    throw new Problem('not_found', `The catalog has no service "${service}", and there is no instance of one.`);
  return found;
}

/**
 * Asks for the end of what runs. What users have, or something runs on, is left alone unless `force`: it would start again at once.
 * @throws Problem; then nothing was asked for
 */
export async function stop(parts: OperatorParts, of: Meant, force: boolean): Promise<EndResult[]> {
  const readings = await meant(parts, of);
  const used = force ? [] : readings.filter(isRunning).flatMap((reading) => usedBy(reading) ?? []);
  if (used.length > 0) {
    const words =
      'It is in use and would start again at once. Pause it to keep it down, or stop it all the same (force).';
    throw new Problem('in_use', words, used.slice(0, usedNamed));
  }
  await parts.holds.release(readings.map(({ instance }) => instance));
  return askToEnd(parts, readings);
}

/** Ends what runs and wants it again; what does not run is started. @param forMs how long it is wanted at most @throws Problem */
export async function restart(parts: OperatorParts, of: Meant, forMs: number): Promise<EndResult[]> {
  const readings = await meant(parts, of);
  await refusePaused(
    parts,
    readings.flatMap(({ record }) => record?.service ?? []),
  );
  // Wanted first, so that nothing that it runs on is taken for idle meanwhile.
  const next = new Map(
    readings.map(({ instance, record }) => [instance, { fromGeneration: (record?.generation ?? 0) + 1 }] as const),
  );
  await parts.holds.hold(next, forMs);
  return askToEnd(parts, readings);
}

/** Failures and their strikes are forgotten: whoever wants it starts it at once. Instances that failed with it are cleared too. */
export async function clear(parts: OperatorParts, of: Meant): Promise<InstanceKey[]> {
  const { broker } = parts;
  const direct = await meant(parts, of);
  const services = new Set<string>(direct.flatMap(({ record }) => record?.service ?? []));
  const failed = await findInstances(
    broker.ledger,
    ({ instance, record }) =>
      record?.state === 'failed' &&
      (direct.some((one) => one.instance === instance) || services.has(record.failure?.service ?? '')),
  );
  return clearEach(parts, failed);
}

export async function clearEach({ broker }: OperatorParts, failed: readonly Reading[]): Promise<InstanceKey[]> {
  const cleared: InstanceKey[] = [];
  for (const { instance } of failed)
    if ((await applyCommand(broker.ledger, instance, { kind: 'clear' })) !== undefined) cleared.push(instance);
  const records = failed.flatMap(({ record }) => record ?? []).filter(({ instance }) => cleared.includes(instance));
  if (records.length > 0) await broker.wakeUps.reconcile(wakeUpsFor(records));
  return cleared;
}

async function askToEnd({ broker }: OperatorParts, readings: readonly Reading[]): Promise<EndResult[]> {
  const results: EndResult[] = [];
  for (const { instance, record } of readings) {
    const asked = await applyCommand(broker.ledger, instance, { kind: 'request_stop' });
    const generation = asked?.generation ?? record?.generation ?? 0;
    results.push({ instance, generation, outcome: asked === undefined ? 'not_running' : 'asked' });
  }
  const records = readings.flatMap(({ record }) => record ?? []);
  if (records.length > 0) await broker.wakeUps.reconcile(wakeUpsFor(records));
  return results;
}

function isRunning({ record }: Reading): boolean {
  return record !== undefined && ['waiting', 'queued', 'starting', 'ready'].includes(record.state);
}

function usedBy(reading: Reading): string | undefined {
  const [edges, dependents] = [usersOf(reading), reading.record?.dependents ?? []];
  const users = edges === 0 ? [] : [`users on ${edges} ${edges === 1 ? 'edge' : 'edges'}`];
  const all = [...users, ...dependents];
  return all.length === 0 ? undefined : `${reading.instance}: ${all.join(', ')}`;
}
