import type { Queue } from 'bullmq';
import { expect, test } from 'vitest';
import { openQueue } from '../open-queue.ts';
import { instanceOf, RelayWorld } from '../relay-world.ts';
import { Receiver } from './receiver.ts';

/** Ends the pauses after which events are tried again; returns how long they would have been, by the tries before them. */
async function endPauses(queue: Queue, pauses: Map<number, number>): Promise<void> {
  for (const job of await queue.getDelayed()) {
    pauses.set(job.attemptsMade, job.delay);
    // A short one may be over by itself meanwhile.
    await job.promote().catch(() => undefined);
  }
}

test('one that is never taken is tried eight times, then dead and kept with the last answer, and a later one is delivered', async () => {
  await using receiver = await Receiver.answering(...Array<number>(7).fill(500), 503);
  await using world = await RelayWorld.create();
  await using queue = await openQueue(world, 'webhook');
  const { metrics } = await world.relay(receiver.env);
  const before = Date.now();
  await world.start('db', 'failed');
  const pauses = new Map<number, number>();
  await expect
    .poll(async () => {
      await endPauses(queue, pauses);
      return world.broker.webhooks.dead(10);
    })
    .toHaveLength(1);

  const [first] = receiver.deliveries;
  expect(receiver.deliveries.map(({ body }) => body)).toEqual(Array(8).fill(first?.body));
  expect(pauses.has(7)).toBe(true);
  for (const [tries, pause] of pauses) {
    expect(pause).toBeGreaterThanOrEqual(500 * 2 ** (tries - 1));
    expect(pause).toBeLessThanOrEqual(1_000 * 2 ** (tries - 1));
  }
  const [dead] = await world.broker.webhooks.dead(10);
  expect(dead).toEqual({
    ...{ event: JSON.parse(first?.body ?? ''), attempts: 8, error: 'the receiver answered 503' },
    at: expect.any(Number),
  });
  expect(dead?.event).toMatchObject({ event: 'service_failed', instance: instanceOf('db'), service: 'db' });
  expect(dead?.at).toBeGreaterThanOrEqual(before);
  for (const hidden of [receiver.secret, 'of-the-address', 'what a user said'])
    expect(JSON.stringify(dead)).not.toContain(hidden);

  receiver.answer(200);
  await world.start('other', 'failed');
  const counts = async (): Promise<string[]> => {
    const { body } = await metrics.metricsText();
    return [...body.matchAll(/^reveille_webhooks_total\{event="service_failed",outcome="(\w+)"\} (\d+)$/gm)]
      .map(([, outcome, count]) => `${outcome} ${count}`)
      .toSorted();
  };
  await expect.poll(counts).toEqual(['dead 1', 'delivered 1', 'failed 8']);
  expect(receiver.deliveries.slice(8).map((delivery) => JSON.parse(delivery.body).service)).toEqual(['other']);
  expect(await world.broker.webhooks.dead(10)).toEqual([dead]);
  expect(await queue.getDelayedCount()).toBe(0);
});
