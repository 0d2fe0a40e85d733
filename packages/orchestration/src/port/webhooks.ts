import type { DeadWebhook, WebhookEvent } from '@reveille/contracts';

/** The receiver wants no more of it: thrown by a delivery, it makes the event dead at once. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused';
}

export interface WebhookConsumption {
  /** Delivers one; a rejection means that it is tried again, until it is dead (at once for `WebhookRefused`). The signal aborts when the consumer closes. */
  deliver(event: WebhookEvent, signal: AbortSignal): Promise<void>;
  /** Told when one is given up. */
  onDead(event: WebhookEvent, error: Error): void;
}

/** Events on their way to the operator's webhook: durable, tried again with a growing pause, dead in the end and kept as such, bounded. */
export interface Webhooks {
  /** The same id twice is one event. */
  add(event: WebhookEvent): Promise<void>;
  consume(consumption: WebhookConsumption): Promise<AsyncDisposable>;
  /** Those that were given up, newest first, at most `limit`. */
  dead(limit: number): Promise<DeadWebhook[]>;
  /** Tries a dead one again. False: there is none of this id. */
  retry(id: string): Promise<boolean>;
  /** Remembers that an instance has failed. */
  noteFailed(instance: string, at: number): Promise<void>;
  /** Whether it failed and was not forgotten since. */
  hasFailed(instance: string): Promise<boolean>;
  forgetFailed(instance: string): Promise<void>;
}

/** Tries of one event, and how many dead ones are kept. */
export const webhookAttempts = 8;
export const deadWebhooksKept = 200;
