import { interval } from '@reveille/lifecycle';
import { BrokerUnavailable } from '@reveille/orchestration';
import type { BrokerLogger } from '../logger.ts';

/** The name of a job that is there to be taken, and its id: at most one waits in a queue. */
export const canaryJob = 'canary';

export type CanaryTimes = {
  /** Between two looks (ms). */
  lookEveryMs: number;
  /** A consumer that took nothing for so long gets a canary (ms). */
  canaryAfterMs: number;
  /**
   * A consumer with room that takes nothing while jobs wait is stuck after so long (ms). Longer than it takes to tear down a half-open
   * connection (15 s), to come back (1 s) and to poll (5 s): what heals by itself is no reason to act.
   */
  stuckAfterMs: number;
};

export const canaryTimes: CanaryTimes = { lookEveryMs: 2500, canaryAfterMs: 10_000, stuckAfterMs: 25_000 };

export type CanaryOptions = {
  times: CanaryTimes;
  logger: BrokerLogger;
  /** How many jobs the consumer has taken so far, whether it could take one more, and whether its connections stand. */
  consumer(): { taken: number; hasRoom: boolean; isConnected: boolean };
  /** How many jobs wait that may be taken. Rejects with BrokerUnavailable while Redis is away. */
  waiting(): Promise<number>;
  add(): Promise<void>;
  onStuck(stuckForMs: number): void;
};

/**
 * Watches whether a consumer takes what waits. Consumers can wedge silently: connected, without an error, taking nothing. A job that
 * waits while this one has room, look after look, is the proof, whoever else takes jobs of the same queue: every idle consumer
 * is woken for each job, and polls besides. While Redis is away nothing can be taken, and that proves nothing; nor does it while the
 * consumer has lost its own connection and finds no way back, as when all sentinels are away: another one would find none either.
 */
export class Canary implements AsyncDisposable {
  readonly #of: CanaryOptions;
  readonly #looks: AsyncDisposable;
  #taken = -1;
  #takenAt = performance.now();
  #suspectSince: number | undefined;

  constructor(of: CanaryOptions) {
    this.#of = of;
    this.#looks = interval(of.times.lookEveryMs, () => this.#look(), {
      onError: (error) => {
        this.#suspectSince = undefined;
        if (!(error instanceof BrokerUnavailable)) of.logger.error({ err: error }, 'the canary of a queue failed');
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#looks[Symbol.asyncDispose]();
  }

  async #look(): Promise<void> {
    const { times, consumer, waiting, add, onStuck } = this.#of;
    const waits = (await waiting()) > 0;
    const now = performance.now();
    const { taken, hasRoom, isConnected } = consumer();
    if (taken !== this.#taken) [this.#taken, this.#takenAt, this.#suspectSince] = [taken, now, undefined];
    else if (!hasRoom || !waits || !isConnected) this.#suspectSince = undefined;
    else this.#suspectSince ??= now;
    if (this.#suspectSince !== undefined && now - this.#suspectSince >= times.stuckAfterMs) {
      const stuckForMs = Math.round(now - this.#suspectSince);
      // Whoever replaces it has the same time.
      this.#suspectSince = undefined;
      return onStuck(stuckForMs);
    }
    if (!waits && now - this.#takenAt >= times.canaryAfterMs) await add();
  }
}
