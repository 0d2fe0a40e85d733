import { readFile } from 'node:fs/promises';
import { globalScopeKey } from '@reveille/contracts';
import { METRIC, type Metrics } from '@reveille/telemetry';
import { type Queue, Worker } from 'bullmq';
import { expect, test } from 'vitest';
import { openQueue, queueOptions } from '../open-queue.ts';
import { instanceOf, RelayWorld } from '../relay-world.ts';

/** A queue of the namespace, and hands that take jobs from it without finishing them. */
async function queueOf(world: RelayWorld, name: string): Promise<Queue & AsyncDisposable & { take(): Promise<void> }> {
  const queue = await openQueue(world, name);
  const worker = new Worker(name, null, { ...queueOptions(world), autorun: false });
  await worker.waitUntilReady();
  return Object.assign(queue, {
    take: async () => {
      expect(await worker.getNextJob(name, { block: false })).toBeDefined();
    },
    [Symbol.asyncDispose]: async () => {
      await worker.close(true);
      await queue.close();
    },
  });
}

async function demand(metrics: Metrics): Promise<number> {
  const { body } = await metrics.metricsText();
  return Number(new RegExp(`^${METRIC.startDemand.name}(?:{.*})? (\\S+)$`, 'm').exec(body)?.[1]);
}

test('KEDA asks for the metric that the table names for it', async () => {
  const file = new URL('../../../../k8s/components/keda/scaled-object.yaml', import.meta.url);
  expect(/query: (.*)/.exec(await readFile(file, 'utf8'))?.[1]).toBe(
    `max(${METRIC.startDemand.name}{namespace="reveille"})`,
  );
});

test.each(['reconcile', 'start'])(
  'what a queue holds is demand, whether it waits, has a priority, is delayed or is being done: %s',
  async (name) => {
    await using world = await RelayWorld.create();
    const { metrics } = await world.relay();
    await using queue = await queueOf(world, name);
    const add = (count: number, options = {}) =>
      queue.addBulk(Array.from({ length: count }, () => ({ name, data: {}, opts: options })));
    expect(await demand(metrics)).toBe(0);
    await add(1);
    await queue.take();
    await add(2);
    await add(4, { priority: 7 });
    await add(8, { delay: 600_000 });
    expect(await queue.getJobCounts('active', 'waiting', 'prioritized', 'delayed')).toEqual({
      ...{ active: 1, waiting: 2, prioritized: 4, delayed: 8 },
    });
    await expect.poll(() => demand(metrics)).toBe(15);
  },
);

test('a start in line and the job that wakes a place for it are one, and a webhook is no work of initializers', async () => {
  await using world = await RelayWorld.create();
  const { metrics } = await world.relay();
  await using webhooks = await queueOf(world, 'webhook');
  await webhooks.add('webhook', {}, { delay: 600_000 });
  await world.broker.wakeUps.start({
    ...{ version: 1, kind: 'start', instance: instanceOf('db'), generation: 7, attempt: 1 },
    ...{ lane: globalScopeKey, urgency: 'waiting' },
  });
  await expect.poll(() => demand(metrics)).toBe(1);
  await expect
    .poll(async () => (await metrics.metricsText()).body)
    .toMatch(/^reveille_queue_depth\{[^}]*queue="webhook"[^}]*\} 1$/m);
});
