import { DriverError, type StartRequest } from '@reveille/orchestration';
import { parseRunName } from '../run-name.ts';
import type { ApiServer } from './api-server.ts';
import { isStatus } from './api-refusal.ts';
import { annotations, labels, type Owner } from './owner.ts';
import type { WorkloadPlan } from './workload-plan.ts';

/**
 * Writes what the service is given (`REVEILLE_*`, `TRACEPARENT`, `PORT`) into its Secret.
 * @throws DriverError when the Secret of this name is not of this instance.
 */
export async function writeSecret(of: {
  api: ApiServer;
  owner: Owner;
  request: StartRequest;
  plan: WorkloadPlan;
  signal: AbortSignal;
}): Promise<void> {
  const { api, owner, request, plan, signal } = of;
  const { namespace, secret: name } = plan;
  const body = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name, labels: owner.labels(request.name), annotations: owner.annotations(request) },
    stringData: plan.env,
  };
  try {
    await api.call({ verb: 'create', kind: 'Secret', namespace, body, signal });
    return;
  } catch (error) {
    if (!isStatus(error, 409)) throw error;
  }
  const there = await api.find({ kind: 'Secret', namespace, name, signal });
  const found = there?.metadata;
  if (found !== undefined) {
    const whose = found.annotations?.[annotations.instance];
    if (found.labels?.[labels.deployment] !== owner.hash || whose !== request.instance)
      throw new DriverError(
        'driver_error',
        `the Secret ${namespace}/${name} is there and belongs to ${whose ?? 'somebody else'}`,
      );
    const newer = parseRunName(found.annotations?.[annotations.run] ?? '');
    if (newer !== undefined && newer.generation > request.generation)
      throw new DriverError('driver_error', `the Secret ${namespace}/${name} is of the newer ${newer.name} already`);
  }
  // The whole of it: what only an older generation had must go.
  await api.call({ verb: 'update', kind: 'Secret', namespace, name, body, signal });
}

/** Removes it, unless a newer generation has written it anew. */
export async function removeSecret(of: {
  api: ApiServer;
  owner: Owner;
  namespace: string;
  secret: string;
  run: string;
  signal: AbortSignal;
}): Promise<void> {
  const { api, owner, namespace, secret: name, run, signal } = of;
  const found = await api.find({ kind: 'Secret', namespace, name, signal });
  if (found !== undefined && owner.owns(found.metadata, run))
    await api.remove({ kind: 'Secret', namespace, name, signal });
}
