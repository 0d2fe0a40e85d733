import type { InstanceKey } from '@reveille/contracts';
import { isToEnd, isUnwanted, type Ledger, timing } from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import { AttemptEnded } from './attempt-ended.ts';

type Parts = {
  ledger: Ledger;
  instance: InstanceKey;
  /** Whether an operator has paused its service. */
  isPaused: () => Promise<boolean>;
  logger: Logger;
};

/**
 * Whether a start that is under way should go on: ends it when nobody waited for it for longer than the linger, or when an operator
 * wants it to end.
 */
export class InterestLook {
  readonly #parts: Parts;
  readonly #gone = new AbortController();
  #unwantedAt: number | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Aborts with `AttemptEnded`. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Called with each renewal of the claim. Never rejects. */
  async look(): Promise<void> {
    const { ledger, instance, isPaused, logger } = this.#parts;
    try {
      const [reading] = await ledger.read([instance]);
      if (reading === undefined) return;
      if (reading.record !== undefined && isToEnd(reading.record, await isPaused()))
        return this.#gone.abort(new AttemptEnded('requested'));
      if (!isUnwanted(reading)) this.#unwantedAt = undefined;
      else if (this.#unwantedAt === undefined) this.#unwantedAt = reading.now;
      else if (reading.now - this.#unwantedAt >= timing.lingerMs.value) this.#gone.abort(new AttemptEnded('unwanted'));
    } catch (error) {
      logger.warn({ instance, err: error }, 'the interest in a start could not be read');
    }
  }
}
