import { randomUUID } from 'node:crypto';
import { reconcileJob, startJob } from '@reveille/contracts';
import { withDeadline } from '@reveille/lifecycle';
import { BrokerUnavailable, type WakeUpConsumption, type WakeUpHandlers } from '@reveille/orchestration';
import type { BrokerLogger } from '../logger.ts';
import type { Link } from '../redis/link.ts';
import { ServedTurns } from '../turn/serve-turns.ts';
import type { Turns } from '../turn/turns.ts';
import { LastingConsumer } from './lasting-consumer.ts';
import { type QueueName, reconcileQueue, startQueue } from './queues.ts';
import { waitingJobs } from './waiting-jobs.ts';

/** How long the first connection of the consumers may take (ms). */
const readyDeadlineMs = 10_000;

export type ConsumeOptions = {
  link: Link;
  prefix: string;
  logger: BrokerLogger;
  handlers: WakeUpHandlers;
  consumption: WakeUpConsumption;
  turns: Turns;
  addCanary(queue: QueueName): Promise<void>;
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
  turns,
  addCanary,
}: ConsumeOptions): Promise<AsyncDisposable> {
  const { onStuck, onBroken } = consumption;
  const stuck = new Map<QueueName, string>();
  const shared = (queue: QueueName) => ({
    ...{ link, prefix, logger, queue, onBroken },
    waiting: () => link.run((client) => waitingJobs(client, `${prefix}:${queue}`)),
    addCanary: () => addCanary(queue),
    onStuck: (words: string | undefined) => {
      if (words === undefined) stuck.delete(queue);
      else stuck.set(queue, words);
      onStuck?.(stuck.size === 0 ? undefined : [...stuck.values()].join('; '));
    },
  });
  const served = new ServedTurns({ turns, owner: randomUUID(), limits: consumption.limits ?? {}, logger });
  const consumers = [
    new LastingConsumer({
      ...shared(reconcileQueue),
      schema: reconcileJob,
      concurrency: consumption.reconcileConcurrency,
      // What comes from here on is a job of its own.
      before: (job) => job.removeDeduplicationKey(),
      handle: (job, signal) => handlers.reconcile(job, signal),
    }),
    new LastingConsumer({
      ...shared(startQueue),
      schema: startJob,
      concurrency: consumption.startConcurrency,
      handle: (offer, signal) => served.serve(offer, signal, handlers),
    }),
  ];
  const all: AsyncDisposable = {
    async [Symbol.asyncDispose]() {
      await Promise.all(consumers.map((consumer) => consumer[Symbol.asyncDispose]()));
      await served[Symbol.asyncDispose]();
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
