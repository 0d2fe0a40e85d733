import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import { World } from '../harness/world.ts';

test('a first wake-up that got lost is said again while somebody waits, for what nobody has begun', async () => {
  await using world = await World.create({ catalog: chatCatalog(), timings: { rereadMs: 50 } });
  const edge = await world.edge();
  const user = await world.user(edge);
  await user.next('initialization_started');
  const of = (service: string) => world.jobs.filter((job) => job.service === service).length;
  await world.until(() => of('store') >= 3 && of('agent') >= 3);
  await world.waiting('store');
  await user.next('service_initializing');
  const before = of('store');
  const agents = of('agent');
  await world.until(() => of('agent') >= agents + 5);
  expect(of('store')).toBeLessThanOrEqual(before + 1);
});
