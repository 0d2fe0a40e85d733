import type { Catalog, EntrypointName, ServiceName } from '@reveille/contracts';
import { checkDependencies } from './check-dependencies.ts';
import { checkEntrypoint } from './check-entrypoint.ts';
import { checkPorts } from './check-ports.ts';
import { checkProbes } from './check-probes.ts';
import { checkStart } from './check-start.ts';
import { checkTimes } from './check-times.ts';
import { checkUpdate } from './check-update.ts';
import { type CatalogFault, fault } from './fault.ts';
import type { CatalogCheckTools } from './tools.ts';

/** All rules between the fields of a catalog (`docs/catalog.md`, "Rules between keys"), all faults at once; empty when it can be taken. */
export function checkCatalog(catalog: Catalog, tools: CatalogCheckTools): CatalogFault[] {
  const services = Object.entries(catalog.services) as [ServiceName, Catalog['services'][ServiceName]][];
  const entrypoints = Object.entries(catalog.entrypoints) as [EntrypointName, Catalog['entrypoints'][EntrypointName]][];
  const empty = services.length === 0 && (tools.unreadable?.size ?? 0) === 0;
  return [
    ...(empty ? [fault(['services'], 'no service', 'at least one service')] : []),
    ...checkDependencies(catalog, tools.unreadable ?? new Set()),
    ...checkTimes(catalog),
    ...checkPorts(catalog),
    ...services.flatMap(([name, service]) => [
      ...checkStart(name, service),
      ...checkUpdate(name, service),
      ...checkProbes(name, service, tools),
    ]),
    ...entrypoints.flatMap(([name, entrypoint]) => checkEntrypoint(catalog, name, entrypoint, tools)),
  ];
}
