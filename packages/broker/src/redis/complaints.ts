import type { BrokerLogger } from '../logger.ts';
import { refusalWords } from './refusal.ts';

/** Logs each new reason once, not once per try: what retries for minutes would fill the log otherwise. */
export class Complaints {
  readonly #logger: BrokerLogger;
  readonly #what: string;
  #last: string | undefined;

  constructor(logger: BrokerLogger, what: string) {
    this.#logger = logger;
    this.#what = what;
  }

  say(error: unknown): void {
    const words = refusalWords(error) ?? (error instanceof Error ? error.message : String(error));
    if (words !== this.#last) this.#logger.error({ err: error }, `${this.#what}: ${words}`);
    this.#last = words;
  }

  /** It works again: the next reason is new. */
  over(): void {
    this.#last = undefined;
  }
}
