import { reconcileJob, startJob } from '@reveille/contracts';
import { withDeadline } from '@reveille/lifecycle';
import { BrokerUnavailable, type WakeUpConsumption, type WakeUpHandlers } from '@reveille/orchestration';
import type { BrokerLogger } from '../logger.ts';
import type { Link } from '../redis/link.ts';
import { QueueConsumer } from './queue-consumer.ts';
import { reconcileQueue, startQueue } from './queues.ts';

/** How long the first connection of the consumers may take (ms). */
const readyDeadlineMs = 4000;

export type ConsumeOptions = {
  link: Link;
  prefix: string;
  logger: BrokerLogger;
  handlers: WakeUpHandlers;
  consumption: WakeUpConsumption;
};

/**
 * Takes jobs of both queues until disposed, which ends within 4 seconds whatever Redis does.
 * @throws BrokerUnavailable when Redis is away at the start.
 */
export async function consumeWakeUps({
  link,
  prefix,
  logger,
  handlers,
  consumption,
}: ConsumeOptions): Promise<AsyncDisposable> {
  const consumers = [
    new QueueConsumer({
      ...{ link, prefix, logger },
      queue: reconcileQueue,
      schema: reconcileJob,
      concurrency: consumption.reconcileConcurrency,
      // What comes from here on is a job of its own.
      before: (job) => job.removeDeduplicationKey(),
      handle: (job, signal) => handlers.reconcile(job, signal),
    }),
    new QueueConsumer({
      ...{ link, prefix, logger },
      queue: startQueue,
      schema: startJob,
      concurrency: consumption.startConcurrency,
      handle: (job, signal) => handlers.start(job, signal),
    }),
  ];
  const all: AsyncDisposable = {
    async [Symbol.asyncDispose]() {
      await Promise.all(consumers.map((consumer) => consumer[Symbol.asyncDispose]()));
    },
  };
  try {
    await withDeadline(Promise.all(consumers.map((consumer) => consumer.ready())), readyDeadlineMs);
  } catch (error) {
    await all[Symbol.asyncDispose]();
    throw new BrokerUnavailable(`jobs cannot be taken: Redis did not answer within ${readyDeadlineMs} ms`, {
      cause: error,
    });
  }
  return all;
}
