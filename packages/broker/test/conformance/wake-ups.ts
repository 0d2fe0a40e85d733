import type { ReconcileJob, StartJob } from '@reveille/contracts';
import type { WakeUpHandlers } from '@reveille/orchestration';
import { expect, test } from 'vitest';
import type { MakeBench } from './bench.ts';
import { Inbox } from './inbox.ts';
import { instanceOf, reconcileJobOf, startJobOf } from './samples.ts';

const agent = instanceOf('agent');
const tools = instanceOf('tools');
const consumption = { reconcileConcurrency: 4, startConcurrency: 4 };
const ignore: WakeUpHandlers = { reconcile: async () => undefined, start: async () => undefined };

export function wakeUpConformance(make: MakeBench): void {
  test('both kinds reach their handlers as they were sent', async () => {
    await using bench = await make();
    const inbox = new Inbox<ReconcileJob | StartJob>();
    const handlers = {
      reconcile: async (job: ReconcileJob) => inbox.put(job),
      start: async (job: StartJob) => inbox.put(job),
    };
    await using _ = await (await bench.another()).wakeUps.consume(handlers, consumption);
    await bench.broker.wakeUps.reconcile([reconcileJobOf(agent), reconcileJobOf(tools, 'suspect')]);
    await bench.broker.wakeUps.start(startJobOf(agent));
    const jobs = await inbox.count(3);
    expect(jobs).toContainEqual(reconcileJobOf(agent));
    expect(jobs).toContainEqual(reconcileJobOf(tools, 'suspect'));
    expect(jobs).toContainEqual(startJobOf(agent));
  });

  test('wake-ups of one instance collapse while they wait, one for each reason', async () => {
    await using bench = await make();
    const herd = Array.from({ length: 20 }, () => reconcileJobOf(agent));
    await Promise.all(herd.map((job) => bench.broker.wakeUps.reconcile([job])));
    await bench.broker.wakeUps.reconcile([...herd, reconcileJobOf(agent, 'suspect'), reconcileJobOf(tools)]);
    const inbox = new Inbox<string>();
    const reconcile = async (job: ReconcileJob): Promise<void> => inbox.put(`${job.instance} ${job.reason}`);
    await using _ = await bench.broker.wakeUps.consume(
      { ...ignore, reconcile },
      { ...consumption, reconcileConcurrency: 1 },
    );
    expect([...(await inbox.until((all) => all.includes(`${tools} wanted`)))].sort()).toEqual(
      [`${agent} suspect`, `${agent} wanted`, `${tools} wanted`].sort(),
    );
  });

  test('a wake-up that comes while an earlier one is being handled is handled too', async () => {
    await using bench = await make();
    const started = new Inbox<string>();
    const go = Promise.withResolvers<void>();
    const reconcile = async (job: ReconcileJob): Promise<void> => {
      started.put(job.instance);
      await go.promise;
    };
    await using _ = await bench.broker.wakeUps.consume({ ...ignore, reconcile }, consumption);
    await bench.broker.wakeUps.reconcile([reconcileJobOf(agent)]);
    await started.count(1);
    await bench.broker.wakeUps.reconcile([reconcileJobOf(agent)]);
    expect(await started.count(2)).toEqual([agent, agent]);
    go.resolve();
  });

  test('an attempt is started once however often it is asked for, the next attempt again', async () => {
    await using bench = await make();
    const inbox = new Inbox<number>();
    const go = Promise.withResolvers<void>();
    const start = async (job: StartJob): Promise<void> => {
      inbox.put(job.attempt);
      await go.promise;
    };
    await using _one = await bench.broker.wakeUps.consume({ ...ignore, start }, consumption);
    await using _two = await (await bench.another()).wakeUps.consume({ ...ignore, start }, consumption);
    await bench.broker.wakeUps.start(startJobOf(agent, 1));
    await inbox.count(1);
    await Promise.all(Array.from({ length: 10 }, () => bench.broker.wakeUps.start(startJobOf(agent, 1))));
    await bench.broker.wakeUps.start(startJobOf(agent, 2));
    expect(await inbox.until((all) => all.includes(2))).toEqual([1, 2]);
    go.resolve();
  });

  test('an attempt that was let go can be asked for again', async () => {
    await using bench = await make();
    const inbox = new Inbox<number>();
    await using _ = await bench.broker.wakeUps.consume(
      { ...ignore, start: async (job) => inbox.put(job.attempt) },
      consumption,
    );
    await bench.broker.wakeUps.start(startJobOf(agent));
    await inbox.count(1);
    // Its job is gone a moment after the handler: asked for until it is taken again.
    while (inbox.all.length < 2) await bench.broker.wakeUps.start(startJobOf(agent));
    expect((await inbox.count(2)).slice(0, 2)).toEqual([1, 1]);
  });

  test('what a handler throws is not repeated', async () => {
    await using bench = await make();
    const inbox = new Inbox<string>();
    const reconcile = async (job: ReconcileJob): Promise<void> => {
      inbox.put(job.instance);
      throw new Error('broken');
    };
    await using _ = await bench.broker.wakeUps.consume(
      { ...ignore, reconcile },
      { ...consumption, reconcileConcurrency: 1 },
    );
    await bench.broker.wakeUps.reconcile([reconcileJobOf(agent)]);
    await inbox.count(1);
    await bench.broker.wakeUps.reconcile([reconcileJobOf(tools)]);
    expect(await inbox.count(2)).toEqual([agent, tools]);
  });

  test('the end of a consumer tells its handlers and waits until they have let go', async () => {
    await using bench = await make();
    const taken = Promise.withResolvers<void>();
    let letGo = false;
    const start = async (_: StartJob, signal: AbortSignal): Promise<void> => {
      taken.resolve();
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      letGo = true;
    };
    const consumer = await bench.broker.wakeUps.consume({ ...ignore, start }, consumption);
    await bench.broker.wakeUps.start(startJobOf(agent));
    await taken.promise;
    await consumer[Symbol.asyncDispose]();
    expect(letGo).toBe(true);
  });
}
