import { driverNames, service } from '@reveille/contracts';
import { expect, it } from 'vitest';
import { createDrivers, driverFor, unsupported } from '../src/index.ts';
import { quiet } from './support/test-driver.ts';

const processService = service.parse({ start: { process: { command: ['node'] } } });
const docker = { docker: { image: 'x' } };

it('a service is started by the driver that it names', async () => {
  await using drivers = createDrivers({ namespace: 'drivers', hostId: 'here', logger: quiet });
  expect([...drivers.keys()]).toEqual([...driverNames]);
  expect(driverFor(drivers, processService).driver).toBe('process');
  expect(unsupported(processService)).toBeUndefined();
});

it('a driver that is not there is refused in words', () => {
  expect(() => driverFor(new Map(), processService)).toThrow('the driver process is not configured');
});

it('a container without an exec probe is supported; one with an exec probe is refused in words', () => {
  expect(unsupported(service.parse({ start: docker }))).toBeUndefined();
  const exec = { exec: { command: ['true'] } };
  const words = 'this version has no exec probe in a container (use http, tcp, log or reported)';
  expect(unsupported(service.parse({ start: docker, ready: exec }))).toBe(words);
  expect(unsupported(service.parse({ start: docker, live: exec }))).toBe(words);
});

it('an amount of memory that is none is refused in words', () => {
  const of = (memory: string) => service.parse({ start: { docker: { image: 'x', resources: { memory } } } });
  expect(unsupported(of('2g'))).toBeUndefined();
  expect(unsupported(of('much'))).toBe('resources.memory is "much"; an amount such as 512m or 2g is expected');
});
