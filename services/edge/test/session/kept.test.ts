import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import { World } from '../harness/world.ts';

test('a session talks on while a dependency of its service is lost and replaced (onChange: keep)', async () => {
  const catalog = chatCatalog({}, { dependsOn: [{ service: 'store', onChange: 'keep' }] as never });
  await using world = await World.create({ on: 'memory', catalog });
  const { service } = await world.readyPlan();
  const user = await world.user(await world.edge());
  await user.next('initialization_completed');
  const upstream = await service.next();
  await world.commit('store', 'lost', () => ({ state: 'lost' }));
  await world.commit('store', 'stopping', () => ({ state: 'stopping', stopReason: 'lost' }));
  user.say({ type: 'send', id: 'a', data: 1 });
  await upstream.take();
  await world.waiting('store');
  await world.ready('store');
  upstream.say({ type: 'emit', n: 1, re: 'a', final: true, data: 'as if nothing had been' });
  expect(await user.next('message')).toMatchObject({ data: 'as if nothing had been' });
  expect(user.of('interrupted')).toEqual([]);
  expect(user.of('initialization_started')).toEqual([]);
  expect(service.connections).toHaveLength(1);
});
