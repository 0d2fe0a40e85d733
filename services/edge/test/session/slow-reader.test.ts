import { expect, test } from 'vitest';
import { chatCatalog } from '../harness/catalogs.ts';
import { World } from '../harness/world.ts';

test('a client that reads late is told no state between two others, but how things are when it has read, and its end', async () => {
  const timings = { pauseBytes: 16_384, outboxBytes: 64_000_000, slowClientMs: 600_000 };
  await using world = await World.create({ on: 'memory', catalog: chatCatalog(), timings });
  const edge = await world.edge();
  const [late, other] = [await world.user(edge), await world.user(edge, 'bob')];
  await late.next('initialization_started');
  await world.starting('store');
  late.socket.pause();
  const detail = 'x'.repeat(500);
  // More than the buffers of the system hold.
  const changes = 10_000;
  for (let n = 1; n <= changes; n += 1)
    await world.commit('store', 'progress', () => ({ state: 'starting', progress: { phase: `step ${n}`, detail } }));
  const last = ({ phase }: { phase: string }): boolean => phase === `step ${changes}`;
  await other.next('service_initializing', last);
  late.socket.resume();
  await late.next('service_initializing', last);
  expect(late.of('service_initializing').length).toBeLessThan(changes * 0.9);
  expect(late.of('initialization_started')).toHaveLength(2);
  const steps = late
    .of('service_initializing')
    .flatMap(({ phase }) => /^step (\d+)$/.exec(phase)?.[1] ?? [])
    .map(Number);
  expect(steps).toEqual(steps.toSorted((one, next) => one - next));
  expect(other.of('initialization_started')).toHaveLength(1);
  expect(other.of('service_initializing').length).toBeGreaterThanOrEqual(changes);

  await world.readyPlan();
  await late.next('initialization_completed');
});
