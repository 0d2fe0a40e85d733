import type { InstanceKey } from '@reveille/contracts';
import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import { World } from '../harness/world.ts';

test('who waits in line is told the number, again when it is another, and at no cost when nobody does', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog(), timings: { rereadMs: 50 } });
  const broker = world.memory!.another();
  const asked: InstanceKey[][] = [];
  let number = 3;
  broker.wakeUps.positions = async (instances) => {
    asked.push([...instances]);
    return new Map(instances.map((instance) => [instance, number]));
  };
  const edge = await world.edge({}, broker);
  const user = await world.user(edge);
  await user.next('initialization_started');
  await world.waiting('store');
  await user.next('service_initializing', ({ phase }) => phase === 'waiting');
  expect(asked).toEqual([]);

  await world.commit('store', 'queued', () => ({ state: 'queued' }));
  const third = await user.next('service_initializing', ({ position }) => position !== undefined);
  expect(third).toMatchObject({ phase: 'queued', position: 3, message: 'Data store is number 3 in line.' });
  number = 1;
  const next = await user.next('service_initializing', ({ position }) => position === 1);
  expect(next).toMatchObject({ phase: 'queued', message: 'Data store is next in line.' });
  expect(new Set(asked.flat())).toEqual(new Set([await world.instance('store')]));

  // Somebody who comes meanwhile is told it at once.
  const other = await world.user(edge, 'bob');
  expect(await other.next('service_initializing', ({ service }) => service === 'store')).toMatchObject({ position: 1 });

  await world.starting('store');
  const starting = await user.next('service_initializing', ({ phase }) => phase === 'starting');
  expect(starting).not.toHaveProperty('position');
  const before = asked.length;
  await world.starting('store', 'opening');
  await user.next('service_initializing', ({ phase }) => phase === 'opening');
  expect(asked.length).toBeLessThanOrEqual(before + 1);
});

test('who has just begun to stand in line is told the number before everything is read anew', async () => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog(), timings: { rereadMs: 600_000 } });
  const broker = world.memory!.another();
  let asked = 0;
  broker.wakeUps.positions = async (instances) => {
    asked += 1;
    return new Map(instances.map((instance) => [instance, 7]));
  };
  const edge = await world.edge({}, broker);
  const user = await world.user(edge);
  await user.next('initialization_started');
  await world.commit('store', 'queued', () => ({ state: 'queued' }));
  await world.commit('store', 'queued', () => ({ state: 'queued' }));
  const told = await user.next('service_initializing', ({ position }) => position !== undefined);
  expect(told).toMatchObject({ phase: 'queued', position: 7 });
  expect(asked).toBe(1);
});
