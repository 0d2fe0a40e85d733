import { displayName, instanceKeyOf } from '@reveille/contracts';
import type {
  Catalog,
  EntrypointName,
  InstanceKey,
  Scope,
  ScopeKey,
  ScopeKeys,
  Service,
  ServiceName,
} from '@reveille/contracts';
import { orderServices, serviceOf } from './service-graph.ts';

/** For whom a plan is made: the raw ids that become fields of records. */
export type PlanOwner = { user: string; tenant?: string | undefined };

export type InstanceIdentity = {
  instance: InstanceKey;
  service: ServiceName;
  /** What users read. */
  name: string;
  scope: Scope;
  scopeKey: ScopeKey;
};

export type PlannedInstance = InstanceIdentity & {
  /** Instances of the same plan that must be ready first, in the order of the catalog. */
  dependencies: InstanceKey[];
  /** 0 for an instance without dependencies, else one more than the highest of its dependencies. */
  level: number;
};

export type Plan = {
  /** Absent when the plan was made for a service instead (command line, admin). */
  entrypoint?: EntrypointName;
  target: InstanceKey;
  /** Dependencies first. The order is that of the catalog, so that two computations give the same. */
  instances: PlannedInstance[];
};

export type PlanRefusal =
  | { refused: 'unknown_entrypoint'; known: string[] }
  | { refused: 'unknown_service'; known: string[] }
  /** A tenant's service is needed, and this user has no tenant. */
  | { refused: 'tenant_required'; service: ServiceName };

/** All instances that this entrypoint needs for this user. `catalog` has passed `checkCatalog`. */
export function planOf(
  catalog: Catalog,
  entrypoint: string,
  keys: ScopeKeys,
  who: PlanOwner,
): (Plan & { entrypoint: EntrypointName }) | PlanRefusal {
  const found = Object.hasOwn(catalog.entrypoints, entrypoint)
    ? catalog.entrypoints[entrypoint as EntrypointName]
    : undefined;
  if (found === undefined) return { refused: 'unknown_entrypoint', known: Object.keys(catalog.entrypoints) };
  const plan = planOfService(catalog, found.service, keys, who);
  return 'refused' in plan ? plan : { entrypoint: entrypoint as EntrypointName, ...plan };
}

/** All instances that this service needs, itself last. `catalog` has passed `checkCatalog`. */
export function planOfService(catalog: Catalog, service: string, keys: ScopeKeys, who: PlanOwner): Plan | PlanRefusal {
  const target = instanceFor(catalog, service, keys, who);
  if ('refused' in target) return target;
  const { order, cycles } = orderServices(catalog, [target.service]);
  if (cycles[0] !== undefined) throw new Error(`an unchecked catalog: ${cycles[0].join(' → ')}`);

  const planned = new Map<ServiceName, PlannedInstance>();
  for (const name of order) {
    const identity = instanceFor(catalog, name, keys, who);
    if ('refused' in identity) return identity;
    const needs = (serviceOf(catalog, name)?.dependsOn ?? []).map((dependency) => {
      const need = planned.get(dependency.service);
      if (need === undefined)
        throw new Error(`an unchecked catalog: ${name} needs ${dependency.service}, which is not declared`);
      return need;
    });
    planned.set(name, {
      ...identity,
      dependencies: needs.map((need) => need.instance),
      level: needs.reduce((level, need) => Math.max(level, need.level + 1), 0),
    });
  }
  return { target: target.instance, instances: [...planned.values()] };
}

/** The instance of one service that serves this user: one for all, that of the tenant, or the user's own. */
export function instanceFor(
  catalog: Catalog,
  service: string,
  keys: ScopeKeys,
  who: PlanOwner,
): InstanceIdentity | PlanRefusal {
  const found = serviceOf(catalog, service);
  if (found === undefined) return { refused: 'unknown_service', known: Object.keys(catalog.services) };
  const name = service as ServiceName;
  const scoped = scopeFor(found, keys, who);
  if (scoped === undefined) return { refused: 'tenant_required', service: name };
  return { instance: instanceKeyOf(name, scoped.scopeKey), service: name, name: displayName(name, found), ...scoped };
}

function scopeFor(of: Service, keys: ScopeKeys, who: PlanOwner): { scope: Scope; scopeKey: ScopeKey } | undefined {
  const tenant = who.tenant === undefined ? {} : { tenant: who.tenant };
  switch (of.scope) {
    case 'global':
      return { scope: { kind: 'global' }, scopeKey: keys.global };
    case 'tenant':
      if (keys.tenant === undefined || who.tenant === undefined) return undefined;
      return { scope: { kind: 'tenant', ...tenant }, scopeKey: keys.tenant };
    case 'user':
      return { scope: { kind: 'user', ...tenant, user: who.user }, scopeKey: keys.user };
  }
}
