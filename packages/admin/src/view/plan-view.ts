import { instanceKey, instanceState } from '@reveille/contracts';
import type { Ledger, Plan } from '@reveille/orchestration';
import { z } from 'zod';
import { instanceView, viewOf } from './instance-view.ts';

const exactlyOne = 'exactly one of entrypoint and service';

/** What is asked for, and for whom: by default for the user `dev` of the tenant `dev`, as an edge without authentication has it. */
export const planQuery = z
  .object({
    entrypoint: z.string().max(100).optional(),
    service: z.string().max(100).optional(),
    user: z.string().min(1).max(256).default('dev'),
    tenant: z.string().min(1).max(256).default('dev'),
  })
  .refine(({ entrypoint, service }) => (entrypoint === undefined) !== (service === undefined), exactlyOne);

export const planView = z.object({
  target: instanceKey,
  ready: z.boolean(),
  instances: z.array(
    z.object({
      instance: instanceKey,
      service: z.string(),
      name: z.string(),
      level: z.number().int(),
      state: instanceState,
      generation: z.number().int(),
      record: instanceView.optional(),
    }),
  ),
});
export type PlanView = z.infer<typeof planView>;

export async function planViewOf(ledger: Ledger, plan: Plan): Promise<PlanView> {
  const readings = await ledger.read(plan.instances.map(({ instance }) => instance));
  const instances = plan.instances.map(({ instance, service, name, level }, at) => {
    const reading = readings[at];
    const record = reading && viewOf(reading);
    const { state = 'cold' as const, generation = 0 } = record ?? {};
    return { instance, service, name, level, state, generation, ...(record === undefined ? {} : { record }) };
  });
  return { target: plan.target, ready: instances.every(({ state }) => state === 'ready'), instances };
}
