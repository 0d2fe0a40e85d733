import type { InstanceKey, Pause, PauseTarget } from '@reveille/contracts';
import { sleep } from '@reveille/lifecycle';
import { Problem } from '../http/problem.ts';
import { clearEach } from './end.ts';
import { findInstances, wakeUpsFor } from './find-instances.ts';
import type { OperatorParts } from './operator-parts.ts';

/** Initializers and edges know of a pause, and of its end, within this time (ms); a little more, since clocks and loops differ. */
const heardMs = 1_200;

/**
 * An entrypoint takes no further needs: who talks goes on, who comes is told `maintenance`. A service is taken down: what runs of it
 * ends, and nothing of it starts.
 * @throws Problem for a name that the catalog does not have
 */
export async function pause(parts: OperatorParts, of: Omit<Pause, 'version' | 'at'>): Promise<Pause> {
  refuseUnknown(parts, of.target);
  const paused: Pause = { version: 1, at: Date.now(), ...of };
  await parts.broker.operations.pause(paused);
  // Whoever looked before that would go by what was known last, and leave running what runs.
  await sleep(heardMs);
  await wakeAllOf(parts, of.target);
  return paused;
}

/** What failed only because of the pause is cleared, once everybody knows that it is over. @throws Problem when it is not paused */
export async function resume(parts: OperatorParts, target: PauseTarget): Promise<InstanceKey[]> {
  const { broker } = parts;
  if (!(await broker.operations.resume(target)))
    throw new Problem('not_found', `The ${target.kind} ${target.name} is not paused.`);
  if (target.kind === 'entrypoint') return [];
  await sleep(heardMs);
  const failed = await findInstances(
    broker.ledger,
    ({ record }) =>
      record?.state === 'failed' && record.failure?.code === 'maintenance' && record.failure.service === target.name,
  );
  return clearEach(parts, failed);
}

async function wakeAllOf({ broker }: OperatorParts, target: PauseTarget): Promise<void> {
  if (target.kind === 'entrypoint') return;
  const readings = await findInstances(broker.ledger, ({ record }) => record?.service === target.name);
  await broker.wakeUps.reconcile(wakeUpsFor(readings.flatMap(({ record }) => record ?? [])));
}

function refuseUnknown({ catalog }: OperatorParts, { kind, name }: PauseTarget): void {
  const { services, entrypoints } = catalog().catalog;
  const known: object = kind === 'service' ? services : entrypoints;
  if (!Object.hasOwn(known, name)) throw new Problem('not_found', `The catalog has no ${kind} "${name}".`);
}
