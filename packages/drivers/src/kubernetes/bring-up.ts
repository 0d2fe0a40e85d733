import type { DriverContext, StartRequest } from '@reveille/orchestration';
import type { ApiServer } from './api-server.ts';
import type { Owner } from './owner.ts';
import { makeObjects } from './make-objects.ts';
import { persist } from './persist.ts';
import type { RunRecords } from './run-record.ts';
import { writeSecret } from './run-secret.ts';
import { scaleUp } from './scale-workload.ts';
import type { WorkloadPlan } from './workload-plan.ts';

type BringUp = {
  api: ApiServer;
  owner: Owner;
  records: RunRecords;
  request: StartRequest;
  plan: WorkloadPlan;
  context: Pick<DriverContext, 'signal' | 'progress'>;
};

/** Each of its steps takes what it finds made already, so that all of it may be made again. */
export async function bringUp(of: BringUp): Promise<void> {
  await persist(of.context, () => make(of));
}

/** Record, Secret, workload: in this order, so that whatever is cut short can be found and each pod finds its Secret. */
async function make(of: BringUp): Promise<void> {
  const { records, request, plan, context } = of;
  const { signal } = context;
  const { mode, namespace, workload, secret, objects } = plan;
  await records.write(request, { mode, namespace, workload, secret, objects }, signal);
  await writeSecret({ ...of, signal });
  if (mode === 'scale') {
    context.progress({
      phase: 'starting',
      detail: `scaling the ${workload.kind} ${workload.name} to ${plan.replicas}`,
    });
    await scaleUp({ ...of, signal });
    return;
  }
  context.progress({ phase: 'starting', detail: `making the ${workload.kind} ${workload.name}` });
  await makeObjects({ ...of, run: request.name, signal });
}
