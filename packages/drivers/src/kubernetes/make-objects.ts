import { DriverError } from '@reveille/orchestration';
import type { ApiServer } from './api-server.ts';
import { isStatus } from './api-refusal.ts';
import { annotations, type Owner } from './owner.ts';
import type { WorkloadPlan } from './workload-plan.ts';

/**
 * Makes the objects of a template that are not there yet; the workload last, so that it finds what it mounts.
 * @throws DriverError when one of them is there and of another run, or of somebody else.
 */
export async function makeObjects(of: {
  api: ApiServer;
  owner: Owner;
  run: string;
  plan: WorkloadPlan;
  signal: AbortSignal;
}): Promise<void> {
  const { api, owner, run, plan, signal } = of;
  const { namespace } = plan;
  const isWorkload = (index: number): boolean => plan.objects[index]?.kind === plan.workload.kind;
  const inOrder = [...plan.objects.keys()].toSorted((a, b) => Number(isWorkload(a)) - Number(isWorkload(b)));
  for (const index of inOrder) {
    const [object, body] = [plan.objects[index], plan.manifests[index]];
    if (object === undefined) continue;
    const { kind, name } = object;
    try {
      await api.call({ verb: 'create', kind, namespace, body, signal });
    } catch (error) {
      if (!isStatus(error, 409)) throw error;
      const there = await api.find({ kind, namespace, name, signal });
      if (there !== undefined && owner.owns(there.metadata, run)) continue;
      const whose = there?.metadata.annotations?.[annotations.run] ?? 'somebody else';
      const words = `the ${kind} ${namespace}/${name} is there and belongs to ${whose}; give each run objects of its own ({scopeKey} and {generation} in their names)`;
      throw new DriverError('driver_error', words);
    }
  }
}
