import { service } from '@reveille/contracts';
import { expect, it } from 'vitest';
import { createDrivers, driverFor, supportedDrivers, unsupported } from '../src/index.ts';
import { quiet } from './support/test-driver.ts';

const processService = service.parse({ start: { process: { command: ['node'] } } });
const dockerService = service.parse({ start: { docker: { image: 'x' } } });

it('a service is started by the driver that it names', async () => {
  await using drivers = createDrivers({ namespace: 'drivers', hostId: 'here', logger: quiet });
  expect([...drivers.keys()]).toEqual([...supportedDrivers]);
  expect(driverFor(drivers, processService).driver).toBe('process');
  expect(unsupported(processService)).toBeUndefined();
});

it('a driver that this version does not have is refused in words', async () => {
  await using drivers = createDrivers({ namespace: 'drivers', hostId: 'here', logger: quiet });
  const words = 'this version has no docker driver (it has: process)';
  expect(unsupported(dockerService)).toBe(words);
  expect(() => driverFor(drivers, dockerService)).toThrow(words);
});
