import { join } from 'node:path';
import { readCatalog } from '@reveille/catalog';
import { type InstanceKey, scopeKeysOf } from '@reveille/contracts';
import { planOfService } from '@reveille/orchestration';
import type { World } from './world.ts';

/** What the edge of a user does who needs `app`. */
export async function come(
  world: World,
  user: string,
  tenant: string,
  edge: string = world.edge,
): Promise<InstanceKey> {
  const { catalog } = await readCatalog(join(world.dir, 'reveille.yaml'));
  const plan = planOfService(catalog, 'app', await scopeKeysOf({ user, tenant }), { user, tenant });
  if ('refused' in plan) throw new Error(plan.refused);
  const instances = plan.instances.map(({ instance }) => instance);
  await world.broker.ledger.want(edge, instances, 60_000);
  await world.broker.wakeUps.reconcile(
    plan.instances.map(({ instance, service, scope }) => ({
      ...({ version: 1, kind: 'reconcile', reason: 'wanted' } as const),
      ...{ instance, service, scope },
    })),
  );
  return plan.target;
}
