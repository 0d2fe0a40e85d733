import { expect, test } from 'vitest';
import { longestPath } from '../../src/figure/longest-path.ts';
import type { RecordedStart } from '../../src/stage/start-log.ts';

const start = (service: string, ms: number): RecordedStart => ({
  service,
  instance: `${service}~global`,
  generation: 1,
  pid: 1,
  bornAt: 1000,
  readyAt: 1000 + ms,
});

test('the critical path goes through the dependency that takes longest with all below it', () => {
  const plan = {
    services: ['quick', 'slow', 'middle', 'top'],
    dependsOn: { quick: [], slow: [], middle: ['slow'], top: ['quick', 'middle'] },
  };
  const starts = [start('top', 10), start('quick', 25), start('slow', 20), start('middle', 10)];
  expect(longestPath(starts, plan).map(({ service }) => service)).toEqual(['slow', 'middle', 'top']);
});

test('a service that recorded no start is a fault and not a short path', () => {
  const plan = { services: ['ground', 'top'], dependsOn: { ground: [], top: ['ground'] } };
  expect(() => longestPath([start('top', 10)], plan)).toThrow('ground was not started');
});
