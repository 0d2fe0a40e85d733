import type { Endpoint } from '@reveille/contracts';
import type { StartRequest } from '@reveille/orchestration';
import { endpointOf } from '../endpoint.ts';
import type { ApiServer } from './api-server.ts';
import type { Pod } from './kube-object.ts';
import type { WorkloadPlan } from './workload-plan.ts';

/** Where a run answers, and the pod that it is bound to, if it is to one. */
export type Reach = { endpoint: Endpoint | undefined; pod: Pod | undefined };

/**
 * The address of the Service that has the name of the workload, which stays while pods are replaced; without one (or with one that has
 * no address of its own) that of the pod.
 */
export async function reachOf(of: {
  api: ApiServer;
  request: StartRequest;
  plan: WorkloadPlan;
  pod: Pod;
  signal: AbortSignal;
}): Promise<Reach> {
  const { api, request, plan, pod, signal } = of;
  const { endpoint: spec } = request.spec;
  if (plan.port === undefined) return { endpoint: undefined, pod };
  const name = plan.objects.find(({ kind }) => kind === 'Service')?.name ?? plan.workload.name;
  const service = await api.find({ kind: 'Service', namespace: plan.namespace, name, signal });
  const address = service?.spec?.['clusterIP'];
  if (typeof address === 'string' && address !== '' && address !== 'None')
    return { endpoint: endpointOf(spec, address, plan.port), pod: undefined };
  const podIP = pod.status?.podIP;
  // One that ended at once may have none: whoever waits for it learns of its end.
  return { endpoint: podIP === undefined ? undefined : endpointOf(spec, podIP, plan.port), pod };
}
