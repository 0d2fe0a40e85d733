import type { LoadedCatalog } from '@reveille/catalog';
import { scopeKeysOf } from '@reveille/contracts';
import { nearestName, type Plan, planOf } from '@reveille/orchestration';
import { CliRefusal } from '../cli/refusal.ts';

/** For whom: as an edge without authentication has it when nobody says otherwise. */
export type PlanUser = { readonly user: string; readonly tenant: string };

/** What an entrypoint needs for a user. @throws CliRefusal in words for an unknown entrypoint */
export async function planFor({ catalog, file }: LoadedCatalog, entrypoint: string, who: PlanUser): Promise<Plan> {
  const plan = planOf(catalog, entrypoint, await scopeKeysOf(who), who);
  if (!('refused' in plan)) return plan;
  switch (plan.refused) {
    case 'unknown_entrypoint': {
      const meant = nearestName(entrypoint, plan.known);
      const known = plan.known.length === 0 ? 'It has none.' : `It has ${plan.known.join(', ')}.`;
      const hint = meant === undefined ? known : `Did you mean ${meant}?`;
      throw new CliRefusal(`${file} has no entrypoint "${entrypoint}". ${hint}`);
    }
    case 'unknown_service':
    case 'tenant_required':
      throw new Error(`a checked catalog and a user with a tenant gave ${plan.refused}`);
  }
}
