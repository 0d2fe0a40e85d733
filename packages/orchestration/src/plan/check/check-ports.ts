import type { Catalog, Service, ServiceName } from '@reveille/contracts';
import { type CatalogFault, fault } from './fault.ts';

/**
 * Fixed ports of services that run on the initializer's own host (`process`, `module`). Containers and pods have networks of their
 * own, so that the same port in two of them is no clash.
 */
export function checkPorts(catalog: Catalog): CatalogFault[] {
  const faults: CatalogFault[] = [];
  const holders = new Map<number, ServiceName>();
  for (const [name, service] of Object.entries(catalog.services) as [ServiceName, Service][]) {
    const { port } = service.endpoint;
    if (typeof port !== 'number' || !runsOnHost(service)) continue;
    const path = ['services', name, 'endpoint', 'port'];
    const holder = holders.get(port);
    if (holder === undefined) holders.set(port, name);
    else faults.push(fault(path, `${port}, the port of "${holder}"`, 'auto, or a port of its own'));
    if (service.scope !== 'global')
      faults.push(
        fault(
          path,
          `${port} on a service of scope ${service.scope}`,
          'auto or reported',
          'its copies run side by side',
        ),
      );
    else if (service.update === 'rolling')
      faults.push(
        fault(
          path,
          `${port} with update: rolling`,
          'auto or reported, or another update',
          'the next generation starts beside the one that holds the port',
        ),
      );
  }
  return faults;
}

function runsOnHost(of: Service): boolean {
  return of.start.process !== undefined || of.start.module !== undefined;
}
