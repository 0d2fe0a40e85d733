import type { Catalog, Service, ServiceName } from '@reveille/contracts';

/** The service of that name, or undefined. Own keys only: `constructor` is a possible name, and not a service of every catalog. */
export function serviceOf(catalog: Pick<Catalog, 'services'>, name: string): Service | undefined {
  return Object.hasOwn(catalog.services, name) ? catalog.services[name as ServiceName] : undefined;
}

export type ServiceOrder = {
  /** Everything that the roots need and the roots themselves, dependencies first, siblings in the order of the catalog. */
  order: ServiceName[];
  /** Each way that leads back to a service it came through, closed: `[a, b, a]`. Empty in a checked catalog. */
  cycles: ServiceName[][];
};

type Step = { name: ServiceName; needs: readonly ServiceName[]; next: number };

/**
 * Depth-first order of the services that `roots` need. Names that are not in the catalog and a service's need of itself are
 * passed over: `checkCatalog` has words of its own for them. Not recursive, so that a long chain cannot exhaust the stack.
 */
export function orderServices(catalog: Pick<Catalog, 'services'>, roots: readonly ServiceName[]): ServiceOrder {
  const order: ServiceName[] = [];
  const cycles: ServiceName[][] = [];
  const seen = new Map<ServiceName, 'open' | 'done'>();
  const way: Step[] = [];

  const enter = (name: ServiceName): void => {
    seen.set(name, 'open');
    const needs = new Set((serviceOf(catalog, name)?.dependsOn ?? []).map((dependency) => dependency.service));
    way.push({ name, needs: [...needs], next: 0 });
  };

  for (const root of roots) {
    if (seen.has(root) || serviceOf(catalog, root) === undefined) continue;
    enter(root);
    for (let step = way.at(-1); step !== undefined; step = way.at(-1)) {
      const need = step.needs[step.next++];
      if (need === undefined) {
        seen.set(step.name, 'done');
        order.push(step.name);
        way.pop();
      } else if (need !== step.name && serviceOf(catalog, need) !== undefined) {
        if (!seen.has(need)) enter(need);
        else if (seen.get(need) === 'open') {
          const from = way.findIndex((passed) => passed.name === need);
          cycles.push([...way.slice(from).map((passed) => passed.name), need]);
        }
      }
    }
  }
  return { order, cycles };
}
