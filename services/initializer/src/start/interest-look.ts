import type { InstanceKey } from '@reveille/contracts';
import { isWanted, type Ledger, timing } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import { AttemptEnded } from './attempt-ended.ts';

/** Whether anybody still waits for a start that is under way; ends it when nobody did for longer than the linger. */
export class InterestLook {
  readonly #ledger: Ledger;
  readonly #instance: InstanceKey;
  readonly #logger: Logger;
  readonly #gone = new AbortController();
  #unwantedAt: number | undefined;

  constructor(ledger: Ledger, instance: InstanceKey, logger: Logger) {
    this.#ledger = ledger;
    this.#instance = instance;
    this.#logger = logger;
  }

  /** Aborts with `AttemptEnded`. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Called with each renewal of the claim. Never rejects. */
  async look(): Promise<void> {
    try {
      const [reading] = await this.#ledger.read([this.#instance]);
      if (reading === undefined) return;
      if (isWanted(reading)) this.#unwantedAt = undefined;
      else if (this.#unwantedAt === undefined) this.#unwantedAt = reading.now;
      else if (reading.now - this.#unwantedAt >= timing.lingerMs.value) this.#gone.abort(new AttemptEnded('unwanted'));
    } catch (error) {
      this.#logger.warn({ instance: this.#instance, err: error }, 'the interest in a start could not be read');
    }
  }
}
