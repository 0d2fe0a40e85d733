import { WebhookRefused, type Webhooks } from '@reveille/orchestration';
import type { Logger, Metrics } from '@reveille/telemetry';
import { deliver, type Receiver } from './deliver.ts';

/** Delivers what was added, by whichever relay is free. */
export function startWebhooks(of: {
  webhooks: Webhooks;
  receiver: Receiver;
  metrics: Metrics;
  logger: Logger;
}): Promise<AsyncDisposable> {
  const { webhooks, receiver, logger } = of;
  const count = (event: string, outcome: string): void => of.metrics.counter('webhooks').inc({ event, outcome });
  return webhooks.consume({
    async deliver(event, signal) {
      try {
        await deliver(event, receiver, signal);
        count(event.event, 'delivered');
      } catch (error) {
        count(event.event, 'failed');
        logger.warn(
          { id: event.id, event: event.event, why: wordsOf(error) },
          'a webhook was not taken; it is tried again',
        );
        throw error instanceof WebhookRefused ? error : new Error(wordsOf(error), { cause: error });
      }
    },
    onDead(event, error) {
      count(event.event, 'dead');
      logger.error(
        { id: event.id, event: event.event, why: error.message },
        'a webhook was given up (admin API: dead webhooks)',
      );
    },
  });
}

/** Of a failed fetch the cause says what it was. Neither holds the address. */
function wordsOf(error: unknown): string {
  const cause = (error as Error).cause as { code?: unknown } | undefined;
  return typeof cause?.code === 'string' ? `${(error as Error).message} (${cause.code})` : (error as Error).message;
}
