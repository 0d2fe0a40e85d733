import {
  displayName,
  globalScopeKey,
  type InstanceKey,
  parseInstanceKey,
  type Scope,
  type ScopeKey,
  scopeKeysOf,
  type Service,
  type ServiceName,
} from '@reveille/contracts';
import { type Identity, instanceFor, laneOf } from '@reveille/orchestration';
import { digestOf, type LoadedCatalog } from '@reveille/catalog';

/** An instance with what the catalog says about it. */
export type Subject = {
  identity: Identity;
  spec: Service;
  /** What users read. */
  name: string;
  /** Identities of its dependencies, in the order of the catalog. */
  dependencies: Identity[];
  /** Whose turn its starts are. */
  lane: ScopeKey;
};

/** What names an instance where no record does. */
export type Named = { service: ServiceName; scope: Scope };

/**
 * What a key alone says, where there is no record yet and the wake-up that named the instance got lost. Only of a global one: the
 * keys of other scopes are digests, so that these wait for the next wake-up of their edge.
 */
export function namedByKey(instance: InstanceKey): Named | undefined {
  const { service, scopeKey } = parseInstanceKey(instance);
  return scopeKey === globalScopeKey ? { service, scope: { kind: 'global' } } : undefined;
}

/**
 * What the catalog says about an instance, or undefined when its service is not declared (any more).
 * A dependency has the same scope or a wider one, so its key follows from the scope of its dependent.
 */
export async function subjectOf({ catalog, digest }: LoadedCatalog, of: Named): Promise<Subject | undefined> {
  const who = { user: of.scope.user ?? '', ...(of.scope.tenant === undefined ? {} : { tenant: of.scope.tenant }) };
  const keys = await scopeKeysOf(who);
  const identify = (service: ServiceName): Identity | undefined => {
    const found = instanceFor(catalog, service, keys, who);
    if ('refused' in found) return undefined;
    const dependencies = (catalog.services[service]?.dependsOn ?? []).flatMap((dependency): InstanceKey[] => {
      const needed = instanceFor(catalog, dependency.service, keys, who);
      return 'refused' in needed ? [] : [needed.instance];
    });
    const { instance, scope, scopeKey } = found;
    const definition = digestOf(catalog.services[service]);
    return { instance, service, scope, scopeKey, dependencies, catalog: digest, definition };
  };
  const spec = catalog.services[of.service];
  const identity = identify(of.service);
  if (spec === undefined || identity === undefined) return undefined;
  const dependencies = spec.dependsOn.flatMap(({ service }) => identify(service) ?? []);
  return { identity, spec, name: displayName(of.service, spec), dependencies, lane: laneOf(identity.scope, keys) };
}
