import type { DriverName, Service } from '@reveille/contracts';
import { driverNames } from '@reveille/contracts';
import { type Driver, DriverError } from '@reveille/orchestration';
import { bytesIn } from './docker/container-plan.ts';
import { createDockerDriver } from './docker/docker-driver.ts';
import { createHttpDriver } from './http/http-driver.ts';
import { createKubernetesDriver } from './kubernetes/kubernetes-driver.ts';
import { createModuleDriver } from './module/module-driver.ts';
import { createProcessDriver, type ProcessDriverOptions } from './process/process-driver.ts';

export type Drivers = ReadonlyMap<DriverName, Driver> & AsyncDisposable;

/** All drivers of this version, disposed together. */
export function createDrivers(options: ProcessDriverOptions): Drivers {
  const process = createProcessDriver(options);
  const module = createModuleDriver(options);
  const docker = createDockerDriver(options);
  const kubernetes = createKubernetesDriver(options);
  const http = createHttpDriver(options);
  const made = [process, module, docker, kubernetes, http];
  const drivers = new Map<DriverName, Driver>(made.map((driver) => [driver.driver, driver]));
  return Object.assign(drivers, {
    async [Symbol.asyncDispose]() {
      await Promise.all(made.map((driver) => driver[Symbol.asyncDispose]()));
    },
  });
}

/** The driver that a service names. */
export function driverNameOf(service: Pick<Service, 'start'>): DriverName {
  const name = driverNames.find((each) => service.start[each] !== undefined);
  if (name === undefined) throw new Error('a service without a driver passed the schema of the catalog');
  return name;
}

/** Whether it can be seen what runs: not where somebody else runs it and the catalog does not say how to ask. */
export function canLookFor({ start }: Pick<Service, 'start'>): boolean {
  return start.http === undefined || start.http.status !== undefined;
}

/** Why this version cannot start a service, in words for its configuration; undefined when it can. */
export function unsupported(service: Pick<Service, 'start' | 'ready' | 'live' | 'endpoint'>): string | undefined {
  const name = driverNameOf(service);
  // It would run beside the initializer, where nothing of the container is.
  if ((name === 'docker' || name === 'kubernetes') && (service.ready.exec ?? service.live?.exec) !== undefined)
    return 'this version has no exec probe in a container (use http, tcp, log or reported)';
  if (service.start.docker?.publish !== undefined && service.endpoint.port === 'reported')
    return 'publish needs a port that is known before the start (endpoint.port is reported)';
  const { memory } = service.start.docker?.resources ?? {};
  if (memory !== undefined && bytesIn(memory) === undefined)
    return `resources.memory is "${memory}"; an amount such as 512m or 2g is expected`;
  return undefined;
}

/** @throws DriverError for a driver that is not among these. */
export function driverFor(drivers: ReadonlyMap<DriverName, Driver>, service: Pick<Service, 'start'>): Driver {
  const name = driverNameOf(service);
  const driver = drivers.get(name);
  if (driver === undefined) throw new DriverError('driver_error', `the driver ${name} is not configured`);
  return driver;
}
