import { type Catalog, type Service, type ServiceName, scopeKind } from '@reveille/contracts';
import { nearestName } from '../nearest-name.ts';
import { orderServices, serviceOf } from '../service-graph.ts';
import { type CatalogFault, fault } from './fault.ts';

/** Who needs whom: names that exist, once each, no circles, nothing of narrower scope. */
export function checkDependencies(catalog: Catalog, unreadable: ReadonlySet<string>): CatalogFault[] {
  const names = Object.keys(catalog.services) as ServiceName[];
  const { cycles } = orderServices(catalog, names);
  return [
    ...names.flatMap((name) => checkNeedsOf(catalog, name, unreadable)),
    ...cycles.map((cycle) => cycleFault(catalog, cycle)),
  ];
}

/** Expected where the name of a service stands; with the name that was probably meant. */
export function expectedService(catalog: Catalog, unreadable: ReadonlySet<string>, found: string): string {
  const known = [...Object.keys(catalog.services), ...unreadable];
  const meant = nearestName(found, known);
  return `the name of a service${meant === undefined ? ` (${known.join(', ') || 'none is declared'})` : ` (did you mean "${meant}"?)`}`;
}

function checkNeedsOf(catalog: Catalog, name: ServiceName, unreadable: ReadonlySet<string>): CatalogFault[] {
  const service = serviceOf(catalog, name);
  const faults: CatalogFault[] = [];
  const variables = new Map<string, ServiceName>();
  for (const [index, { service: need }] of (service?.dependsOn ?? []).entries()) {
    const path = ['services', name, 'dependsOn', index];
    const needed = serviceOf(catalog, need);
    const variable = need.toUpperCase().replaceAll('-', '_');
    const sameVariable = variables.get(variable);
    variables.set(variable, need);
    if (need === name) faults.push(fault(path, `"${need}" itself`, 'another service'));
    else if (sameVariable === need) faults.push(fault(path, `"${need}" a second time`, 'each dependency once'));
    else if (sameVariable !== undefined)
      faults.push(
        fault(
          path,
          `"${need}" beside "${sameVariable}"`,
          'names that differ in more than "-" and "_"',
          `both would be given as REVEILLE_DEP_${variable}_URL`,
        ),
      );
    else if (needed !== undefined && service !== undefined)
      faults.push(...checkBreadth(path, name, service, need, needed));
    else if (!unreadable.has(need)) faults.push(fault(path, `"${need}"`, expectedService(catalog, unreadable, need)));
  }
  return faults;
}

function checkBreadth(
  path: (string | number)[],
  name: ServiceName,
  of: Service,
  need: ServiceName,
  needed: Service,
): CatalogFault[] {
  const breadth = (service: Service): number => scopeKind.options.indexOf(service.scope);
  if (breadth(needed) <= breadth(of)) return [];
  const allowed = scopeKind.options.slice(0, breadth(of) + 1).join(' or ');
  return [
    fault(
      path,
      `"${need}" of scope ${needed.scope}`,
      `a service of scope ${allowed}`,
      `"${name}" is ${of.scope}, and one ${of.scope} copy cannot choose among several of "${need}"`,
    ),
  ];
}

function cycleFault(catalog: Catalog, cycle: readonly ServiceName[]): CatalogFault {
  const [closing = cycle[0], back] = cycle.slice(-2);
  const needs = closing === undefined ? [] : (serviceOf(catalog, closing)?.dependsOn ?? []);
  const index = needs.findIndex((dependency) => dependency.service === back);
  return fault(
    ['services', closing ?? '', 'dependsOn', index],
    `the circle ${cycle.join(' → ')}`,
    'services that can be started one after the other',
  );
}
