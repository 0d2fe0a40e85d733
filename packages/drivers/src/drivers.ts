import type { DriverName, Service } from '@reveille/contracts';
import { driverNames } from '@reveille/contracts';
import { type Driver, DriverError } from '@reveille/orchestration';
import { createDockerDriver } from './docker/docker-driver.ts';
import { createKubernetesDriver } from './kubernetes/kubernetes-driver.ts';
import { createProcessDriver, type ProcessDriverOptions } from './process/process-driver.ts';

/** The ways of starting that this version has. */
export const supportedDrivers = ['process', 'docker', 'kubernetes'] as const satisfies readonly DriverName[];

export type Drivers = ReadonlyMap<DriverName, Driver> & AsyncDisposable;

/** All drivers of this version, disposed together. */
export function createDrivers(options: ProcessDriverOptions): Drivers {
  const process = createProcessDriver(options);
  const docker = createDockerDriver(options);
  const kubernetes = createKubernetesDriver(options);
  const made = [process, docker, kubernetes];
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

/** Why this version cannot start a service, in words for its configuration; undefined when it can. */
export function unsupported(service: Pick<Service, 'start' | 'ready' | 'live'>): string | undefined {
  const name = driverNameOf(service);
  // It would run beside the initializer, where nothing of the container is.
  if ((name === 'docker' || name === 'kubernetes') && (service.ready.exec ?? service.live?.exec) !== undefined)
    return 'this version has no exec probe in a container (use http, tcp, log or reported)';
  if (supportedDrivers.some((each) => each === name)) return undefined;
  return `this version has no ${name} driver (it has: ${supportedDrivers.join(', ')})`;
}

/** @throws DriverError for a driver that this version does not have. */
export function driverFor(
  drivers: ReadonlyMap<DriverName, Driver>,
  service: Pick<Service, 'start' | 'ready' | 'live'>,
): Driver {
  const driver = drivers.get(driverNameOf(service));
  if (driver === undefined)
    throw new DriverError('driver_error', unsupported(service) ?? 'its driver is not configured');
  return driver;
}
