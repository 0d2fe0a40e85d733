import { randomUUID } from 'node:crypto';
import type { Failure } from '@reveille/contracts';
import type { Members, Webhooks } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';

/** One event per entrypoint and rule within this time (ms): a stand-in blocks every session that meets it. */
const quietMs = 60_000;

/** Tells the operator's webhook of blocked stand-ins, where a relay delivers to one. Never holds up a session. */
export class BlockedEvents {
  readonly #webhooks: Webhooks;
  readonly #members: Members;
  readonly #logger: Logger;
  /** Bounded by the rules of the catalogs so far. */
  readonly #toldAt = new Map<string, number>();

  constructor(of: { webhooks: Webhooks; members: Members; logger: Logger }) {
    this.#webhooks = of.webhooks;
    this.#members = of.members;
    this.#logger = of.logger;
  }

  tell(entrypoint: string, rule: string, failure: Failure): void {
    const key = `${entrypoint} ${rule}`;
    const now = performance.now();
    if (now - (this.#toldAt.get(key) ?? Number.NEGATIVE_INFINITY) < quietMs) return;
    this.#toldAt.set(key, now);
    this.#add(entrypoint, rule.slice(0, 500), failure).catch((error: unknown) => {
      // The next one is told, then.
      this.#toldAt.delete(key);
      this.#logger.warn({ err: error, entrypoint, rule }, 'a blocked stand-in could not be told to the webhook');
    });
  }

  async #add(entrypoint: string, rule: string, failure: Failure): Promise<void> {
    // Without a relay that takes them, events would only pile up.
    if (!(await this.#members.alive()).some(({ webhooks }) => webhooks)) return;
    const id = `blocked.${randomUUID()}`;
    await this.#webhooks.add({ version: 1, id, at: Date.now(), event: 'stand_in_blocked', entrypoint, rule, failure });
  }
}
