import { DriverError, type StartRequest } from '@reveille/orchestration';
import { parseRunName } from '../run-name.ts';
import type { ApiServer } from './api-server.ts';
import { isStatus } from './api-refusal.ts';
import { annotations, labels, type Owner } from './owner.ts';
import type { RunRecord } from './run-record.ts';
import type { WorkloadPlan } from './workload-plan.ts';

/** How often a change is made again that came upon a change by others. */
const CONFLICT_TRIES = 8;

/**
 * Scales a workload of others up for a run. One change says whose it is and how many, and only upon what was read, so that of two who
 * do it at once one sees the other. Its pods get the label of the run: they are new ones, which mount the Secret as it is now.
 */
export async function scaleUp(of: {
  api: ApiServer;
  owner: Owner;
  request: StartRequest;
  plan: WorkloadPlan;
  signal: AbortSignal;
}): Promise<void> {
  const { api, owner, request, plan, signal } = of;
  const { namespace, workload } = plan;
  const words = `the ${workload.kind} ${namespace}/${workload.name}`;
  await insist(async () => {
    const there = await api.find({ ...workload, namespace, signal });
    if (there === undefined)
      throw new DriverError('driver_error', `${words} does not exist; apply it with replicas: 0`);
    const { metadata, spec = {} } = there;
    const holder = metadata.annotations?.[annotations.run];
    if (holder !== undefined && holder !== request.name) refuseHeld(words, holder, request);
    const isOurs = owner.owns(metadata, request.name);
    if (holder === request.name && !isOurs)
      throw new DriverError('driver_error', `${words} is used by another deployment of Reveille`);
    if (isOurs && spec['replicas'] === plan.replicas) return;
    const body = {
      metadata: {
        resourceVersion: metadata.resourceVersion,
        labels: { [labels.deployment]: owner.hash, [labels.run]: owner.runHash(request.name) },
        annotations: owner.annotations(request),
      },
      spec: { replicas: plan.replicas, template: { metadata: { labels: owner.podLabels(request.name) } } },
    };
    await api.call({ verb: 'patch', ...workload, namespace, body, signal });
  });
}

/** Scales it down and lets go of it, unless it runs for another by now. */
export async function scaleDown(of: {
  api: ApiServer;
  owner: Owner;
  run: string;
  record: RunRecord;
  signal: AbortSignal;
}): Promise<void> {
  const { api, owner, run, record, signal } = of;
  const { workload, namespace } = record;
  await insist(async () => {
    const there = await api.find({ ...workload, namespace, signal });
    if (there === undefined || !owner.owns(there.metadata, run)) return;
    const body = {
      metadata: {
        resourceVersion: there.metadata.resourceVersion,
        labels: { [labels.deployment]: null, [labels.run]: null },
        annotations: { [annotations.run]: null, [annotations.instance]: null },
      },
      spec: { replicas: 0 },
    };
    await api.call({ verb: 'patch', ...workload, namespace, body, signal });
  });
}

/** An older generation of the same instance gives way: it has been stopped, or may be replaced. */
function refuseHeld(words: string, holder: string, request: StartRequest): void {
  const held = parseRunName(holder);
  if (held?.instance !== request.instance)
    throw new DriverError(
      'driver_error',
      `${words} runs for ${holder}; give each scope a workload of its own ({scopeKey} in its name)`,
    );
  if (held.generation > request.generation)
    throw new DriverError('driver_error', `${words} runs for the newer ${holder} already`);
}

async function insist(change: () => Promise<void>): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      await change();
      return;
    } catch (error) {
      if (!isStatus(error, 409) || tried >= CONFLICT_TRIES) throw error;
    }
  }
}
