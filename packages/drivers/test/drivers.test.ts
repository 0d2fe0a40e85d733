import { service } from '@reveille/contracts';
import { expect, it } from 'vitest';
import { createDrivers, driverFor, supportedDrivers, unsupported } from '../src/index.ts';
import { quiet } from './support/test-driver.ts';

const processService = service.parse({ start: { process: { command: ['node'] } } });
const moduleService = service.parse({ start: { module: { path: './x.ts' } } });
const docker = { docker: { image: 'x' } };

it('a service is started by the driver that it names', async () => {
  await using drivers = createDrivers({ namespace: 'drivers', hostId: 'here', logger: quiet });
  expect([...drivers.keys()]).toEqual([...supportedDrivers]);
  expect(driverFor(drivers, processService).driver).toBe('process');
  expect(unsupported(processService)).toBeUndefined();
});

it('a driver that this version does not have is refused in words', async () => {
  await using drivers = createDrivers({ namespace: 'drivers', hostId: 'here', logger: quiet });
  const words = 'this version has no module driver (it has: process, docker, kubernetes)';
  expect(unsupported(moduleService)).toBe(words);
  expect(() => driverFor(drivers, moduleService)).toThrow(words);
});

it('a container without an exec probe is supported; one with an exec probe is refused in words', () => {
  expect(unsupported(service.parse({ start: docker }))).toBeUndefined();
  const exec = { exec: { command: ['true'] } };
  const words = 'this version has no exec probe in a container (use http, tcp, log or reported)';
  expect(unsupported(service.parse({ start: docker, ready: exec }))).toBe(words);
  expect(unsupported(service.parse({ start: docker, live: exec }))).toBe(words);
});
