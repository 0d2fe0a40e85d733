import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import { World } from '../harness/world.ts';

test.each([
  ['a number that leaves a gap', 3],
  ['a number that was used', 1],
])('what a service says under %s is not passed on: one clean failure', async (_, n) => {
  await using world = await World.create({ on: 'memory', catalog: chatCatalog() });
  const { service } = await world.readyPlan();
  const edge = await world.edge();
  const user = await world.user(edge);
  const upstream = await service.next();
  upstream.say({ type: 'emit', n: 1, data: 'true' });
  await user.next('message');
  upstream.say({ type: 'emit', n, data: 'out of turn' });
  expect(await user.nextOf('message', 'initialization_failed')).toMatchObject({
    type: 'initialization_failed',
    failure: { code: 'upstream_refused' },
  });
  expect(user.of('message').map(({ data }) => data)).toEqual(['true']);
  expect(JSON.stringify(user.frames)).not.toContain('out of turn');
});
