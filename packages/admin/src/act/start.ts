import { type InstanceKey, scopeKeysOf } from '@reveille/contracts';
import { nearestName, type Plan, planOf, planOfService, type PlanRefusal } from '@reveille/orchestration';
import { Problem } from '../http/problem.ts';
import { wakeUpsFor } from './find-instances.ts';
import { refusePaused } from './refuse-paused.ts';
import type { OperatorParts } from './operator-parts.ts';

/** What to make a plan for, and for whom. */
export type PlanFor = {
  entrypoint?: string | undefined;
  service?: string | undefined;
  user: string;
  tenant?: string | undefined;
};

/** States that a start under way, or the ready instance itself, is in. */
const underWay: ReadonlySet<string> = new Set(['waiting', 'queued', 'starting', 'ready']);

/** @throws Problem when the catalog has no such thing, or the user no tenant */
export async function planMeant({ catalog }: OperatorParts, of: PlanFor): Promise<Plan> {
  const who = { user: of.user, tenant: of.tenant };
  const keys = await scopeKeysOf(who);
  const current = catalog().catalog;
  const plan =
    of.entrypoint === undefined
      ? planOfService(current, of.service ?? '', keys, who)
      : planOf(current, of.entrypoint, keys, who);
  if ('refused' in plan)
    throw new Problem(plan.refused === 'tenant_required' ? 'bad_request' : 'not_found', why(plan, of));
  return plan;
}

/** Everything that the plan needs is wanted until it is ready. @throws Problem */
export async function start(parts: OperatorParts, of: PlanFor, forMs: number): Promise<Plan> {
  const { broker, holds } = parts;
  const plan = await planMeant(parts, of);
  const services = plan.instances.map(({ service }) => service);
  await refusePaused(parts, services, of.entrypoint);
  const readings = await broker.ledger.read(plan.instances.map(({ instance }) => instance));
  const wanted = new Map<InstanceKey, { fromGeneration: number }>();
  for (const { instance, record } of readings) {
    const goesOn = record !== undefined && underWay.has(record.state);
    wanted.set(instance, { fromGeneration: (record?.generation ?? 0) + (goesOn ? 0 : 1) });
  }
  await holds.hold(wanted, forMs);
  await broker.wakeUps.reconcile(wakeUpsFor(plan.instances));
  return plan;
}

function why(refusal: PlanRefusal, of: PlanFor): string {
  switch (refusal.refused) {
    case 'tenant_required':
      return `${refusal.service} belongs to a tenant: say of which (tenant).`;
    case 'unknown_entrypoint':
    case 'unknown_service': {
      const [kind, name] =
        of.entrypoint === undefined
          ? (['service', of.service ?? ''] as const)
          : (['entrypoint', of.entrypoint] as const);
      const meant = nearestName(name, refusal.known);
      return `The catalog has no ${kind} "${name}".${meant === undefined ? '' : ` Did you mean ${meant}?`}`;
    }
  }
}
