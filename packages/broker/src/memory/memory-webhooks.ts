import type { DeadWebhook, WebhookEvent } from '@reveille/contracts';
import {
  deadWebhooksKept,
  webhookAttempts,
  type WebhookConsumption,
  WebhookRefused,
  type Webhooks,
} from '@reveille/orchestration';
import type { MemoryProcess } from './memory-process.ts';
import type { MemoryStore } from './memory-store.ts';

/** Delivers when it is added to, or consumed from; tries again at once, since this twin has no timer. */
export class MemoryWebhooks implements Webhooks {
  readonly #store: MemoryStore;
  readonly #process: MemoryProcess;

  constructor(store: MemoryStore, process: MemoryProcess) {
    this.#store = store;
    this.#process = process;
  }

  async add(event: WebhookEvent): Promise<void> {
    const { webhooks } = this.#store;
    await this.#process.run(() => {
      if (webhooks.dead.some((one) => one.event.id === event.id)) return;
      if (!webhooks.waiting.has(event.id)) webhooks.waiting.set(event.id, structuredClone(event));
    });
    void this.#drain();
  }

  async consume(consumption: WebhookConsumption): Promise<AsyncDisposable> {
    await this.#process.run(() => void this.#store.webhooks.consumers.add(consumption));
    void this.#drain();
    return {
      [Symbol.asyncDispose]: async () => void this.#store.webhooks.consumers.delete(consumption),
    };
  }

  dead(limit: number): Promise<DeadWebhook[]> {
    return this.#process.run(() => structuredClone(this.#store.webhooks.dead.slice(0, limit)));
  }

  async retry(id: string): Promise<boolean> {
    const { webhooks } = this.#store;
    const found = await this.#process.run(() => webhooks.dead.findIndex((one) => one.event.id === id));
    const [dead] = found < 0 ? [] : webhooks.dead.splice(found, 1);
    if (dead === undefined) return false;
    await this.add(dead.event);
    return true;
  }

  noteFailed(instance: string, at: number): Promise<void> {
    return this.#process.run(() => void this.#store.failing.set(instance, at));
  }

  hasFailed(instance: string): Promise<boolean> {
    return this.#process.run(() => this.#store.failing.has(instance));
  }

  forgetFailed(instance: string): Promise<void> {
    return this.#process.run(() => void this.#store.failing.delete(instance));
  }

  async #drain(): Promise<void> {
    const { webhooks, clock } = this.#store;
    const [consumer] = webhooks.consumers;
    if (consumer === undefined) return;
    for (const [id, event] of [...webhooks.waiting]) {
      webhooks.waiting.delete(id);
      let last = new Error('never tried');
      let attempt = 0;
      let delivered = false;
      while (!delivered && attempt < webhookAttempts) {
        attempt += 1;
        try {
          await consumer.deliver(event, new AbortController().signal);
          delivered = true;
        } catch (error) {
          last = error as Error;
          if (error instanceof WebhookRefused) break;
        }
      }
      if (delivered) continue;
      webhooks.dead.unshift({ event, attempts: attempt, error: last.message, at: clock.now() });
      webhooks.dead.length = Math.min(webhooks.dead.length, deadWebhooksKept);
      consumer.onDead(event, last);
    }
  }
}
