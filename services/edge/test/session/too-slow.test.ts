import { expect, test } from 'vitest';
import type { EdgeTimings } from '../../src/index.ts';
import { chatCatalog } from '../harness/catalogs.ts';
import type { Client } from '../harness/client.ts';
import type { UpstreamConnection } from '../harness/service.ts';
import { World } from '../harness/world.ts';

/** More than the buffers of the system hold, in one frame. */
const large = 'x'.repeat(16_000_000);

async function talking(world: World): Promise<{ user: Client; upstream: UpstreamConnection }> {
  const { service } = await world.readyPlan();
  const user = await world.user(await world.edge());
  await user.next('initialization_completed');
  return { user, upstream: await service.next() };
}

function slowWorld(timings: Partial<EdgeTimings>): Promise<World> {
  return World.create({ on: 'memory', catalog: chatCatalog(), timings });
}

const isTooSlow = ({ msg }: Record<string, unknown>): boolean => msg === 'a client does not read';

test('a client that does not read stops its service, then loses its socket with 4008, and not for a ping behind what waits', async () => {
  await using world = await slowWorld({
    pauseBytes: 65_536,
    outboxBytes: 64_000_000,
    slowClientMs: 1_500,
    heartbeatMs: 500,
  });
  const { user, upstream } = await talking(world);
  user.socket.pause();
  for (const n of [1, 2, 3]) upstream.say({ type: 'emit', n, data: large });
  await world.until(() => world.log.some(isTooSlow));
  // The edge reads no further.
  expect(upstream.socket.bufferedAmount).toBeGreaterThan(0);
  user.socket.resume();
  expect((await user.closed).code).toBe(4008);
});

test('to say pong unasked does not help a client that does not read', async () => {
  await using world = await slowWorld({ pauseBytes: 65_536, slowClientMs: 400, heartbeatMs: 100 });
  const { user, upstream } = await talking(world);
  user.socket.pause();
  const signs = setInterval(() => user.say({ type: 'pong' }), 20);
  upstream.say({ type: 'emit', n: 1, data: large });
  await world.until(() => world.log.some(isTooSlow)).finally(() => clearInterval(signs));
  user.socket.resume();
  expect((await user.closed).code).toBe(4008);
});

test.each([
  ['its service is paused', 65_536],
  ['less waits than pauses its service', 64_000_000],
])('a client that reads slowly but steadily keeps its socket while %s', async (_, pauseBytes) => {
  await using world = await slowWorld({ pauseBytes, outboxBytes: 64_000_000, slowClientMs: 600, heartbeatMs: 1_000 });
  const { user, upstream } = await talking(world);
  user.readSlowly(40_000_000, 10_000);
  for (const n of [1, 2, 3]) upstream.say({ type: 'emit', n, data: large });
  for (const seq of [1, 2, 3]) expect(await user.next('message')).toMatchObject({ seq });
  upstream.say({ type: 'emit', n: 4, data: 'and on' });
  expect((await user.next('message')).data).toBe('and on');
});

test('a client that far too much waits for for long loses its socket with 4008, however steadily it reads', async () => {
  await using world = await slowWorld({ pauseBytes: 65_536, outboxBytes: 1_000_000, slowClientMs: 400 });
  const { user, upstream } = await talking(world);
  user.readSlowly(40_000_000, 10_000);
  upstream.say({ type: 'emit', n: 1, data: large });
  expect((await user.closed).code).toBe(4008);
});
