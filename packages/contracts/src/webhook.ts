import { z } from 'zod';
import { failure } from './failure.ts';

const shared = {
  version: z.literal(1),
  /** The same for every try: receivers that know an id already have the event. */
  id: z.string().max(200),
  /** When it happened, epoch milliseconds. */
  at: z.number(),
};

/**
 * What a webhook says: a service failed for good (until its cooldown ends), became ready after that, or a frame was blocked as no
 * authentic answer. Without user and tenant ids; failures without log lines.
 */
export const webhookEvent = z.discriminatedUnion('event', [
  z.object({ ...shared, event: z.literal('service_failed'), instance: z.string(), service: z.string(), failure }),
  z.object({ ...shared, event: z.literal('service_recovered'), instance: z.string(), service: z.string() }),
  z.object({
    ...shared,
    event: z.literal('stand_in_blocked'),
    entrypoint: z.string(),
    /** Name of the rule that was broken. */
    rule: z.string().max(500),
    failure,
  }),
]);
export type WebhookEvent = z.infer<typeof webhookEvent>;

/** An event that was given up: how often it was tried and what was said last. */
export const deadWebhook = z.object({ event: webhookEvent, attempts: z.number(), error: z.string(), at: z.number() });
export type DeadWebhook = z.infer<typeof deadWebhook>;
