import { webhookEvent } from '@reveille/contracts';
import { withDeadline } from '@reveille/lifecycle';
import { BrokerUnavailable, type WebhookConsumption, WebhookRefused } from '@reveille/orchestration';
import { UnrecoverableError, Worker } from 'bullmq';
import type { BrokerLogger } from '../logger.ts';
import { Complaints } from '../redis/complaints.ts';
import type { Link } from '../redis/link.ts';

const queue = 'webhook';
/** Deliveries at once in one relay: a receiver that is slow holds up no more than these. */
const concurrency = 4;
const readyDeadlineMs = 10_000;
/** What is still being delivered gets so long at the end; the lock runs out then, and another relay delivers it. */
const closeMs = 3_000;

/**
 * Takes webhook events until disposed.
 * @throws BrokerUnavailable when Redis is away at the start
 */
export async function consumeWebhooks(of: {
  link: Link;
  prefix: string;
  logger: BrokerLogger;
  consumption: WebhookConsumption;
}): Promise<AsyncDisposable> {
  const { link, prefix, logger, consumption } = of;
  const closing = new AbortController();
  const connection = link.open('engine');
  const worker = new Worker(
    queue,
    async (job) => {
      const { success, data } = webhookEvent.safeParse(job.data);
      if (!success) throw new UnrecoverableError('an event of another version');
      await consumption.deliver(data, closing.signal).catch((error: unknown) => {
        throw error instanceof WebhookRefused ? new UnrecoverableError(error.message) : error;
      });
    },
    { connection, prefix, concurrency, skipVersionCheck: true },
  );
  const complaints = new Complaints(logger, 'the consumer of webhooks has a fault');
  worker.on('error', (error) => complaints.say(error));
  worker.on('failed', (job, error) => {
    const { success, data } = webhookEvent.safeParse(job?.data);
    if (success && job?.finishedOn !== undefined) consumption.onDead(data, error);
  });
  const end = async (): Promise<void> => {
    closing.abort(new Error('the relay ends'));
    await withDeadline(worker.close(), closeMs, { reason: 'webhooks in delivery' }).catch(() => undefined);
    link.connections.end(connection);
  };
  try {
    await withDeadline(worker.waitUntilReady(), readyDeadlineMs);
  } catch (error) {
    await end();
    throw new BrokerUnavailable('webhooks cannot be taken: Redis did not answer', { cause: error });
  }
  return { [Symbol.asyncDispose]: end };
}
