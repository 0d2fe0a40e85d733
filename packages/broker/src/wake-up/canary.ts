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
  /**
   * A consumer with room whose fetches do not come back is stuck after so long (ms), also when others take all that waits. Several times
   * as long as a fetch may block (10 s) and what was half open takes to heal; with others at work nothing hurries.
   */
  silentAfterMs: number;
};

export const canaryTimes: CanaryTimes = {
  lookEveryMs: 2500,
  canaryAfterMs: 10_000,
  stuckAfterMs: 25_000,
  silentAfterMs: 60_000,
};

/** What a consumer is found out by: it takes nothing of what waits, or does not even ask. */
export type Stuck = { by: 'waiting' | 'silence'; forMs: number };

export type CanaryOptions = {
  times: CanaryTimes;
  logger: BrokerLogger;
  /** Jobs taken and fetches that came back so far, whether it could take one more job, and whether its connections stand. */
  consumer(): { taken: number; fetches: number; hasRoom: boolean; isConnected: boolean };
  /** How many jobs wait that may be taken. Rejects with BrokerUnavailable while Redis is away. */
  waiting(): Promise<number>;
  add(): Promise<void>;
  onStuck(stuck: Stuck): void;
  /** The consumer has fetched since the last look. */
  onFetched(): void;
};

/**
 * Watches whether a consumer takes what waits. Consumers can wedge silently: connected, without an error, taking nothing. A job that
 * waits while this one has room, look after look, is the proof: every idle consumer is woken for each job, and polls besides. Where
 * healthy ones leave nothing waiting, it is that its own fetches do not come back. While Redis is away nothing can be taken, and that
 * proves nothing; nor does it while the consumer has lost its own connection and finds no way back, as when all sentinels are away:
 * another one would find none either.
 */
export class Canary implements AsyncDisposable {
  readonly #of: CanaryOptions;
  readonly #looks: AsyncDisposable;
  #taken = -1;
  #takenAt = performance.now();
  #fetches = -1;
  #lookedAt = performance.now();
  #suspectSince: number | undefined;
  #silentSince: number | undefined;

  constructor(of: CanaryOptions) {
    this.#of = of;
    this.#looks = interval(of.times.lookEveryMs, () => this.#look(), {
      onError: (error) => {
        this.#trust();
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
    const seen = consumer();
    // Who could not look could not fetch either: the process stood still, or Redis was away.
    const couldFetch = seen.hasRoom && seen.isConnected && now - this.#lookedAt <= times.stuckAfterMs / 2;
    this.#lookedAt = now;
    if (seen.taken !== this.#taken) this.#noteTaken(seen.taken, now);
    if (seen.fetches !== this.#fetches) this.#noteFetches(seen.fetches);
    this.#suspectSince = couldFetch && waits ? (this.#suspectSince ?? now) : undefined;
    this.#silentSince = couldFetch ? (this.#silentSince ?? now) : undefined;
    const stuck = this.#stuck(now);
    if (stuck !== undefined) {
      // Whoever replaces it has the same time.
      this.#trust();
      return onStuck(stuck);
    }
    if (!waits && now - this.#takenAt >= times.canaryAfterMs) await add();
  }

  /** Under load each job comes with the answer to the one before, and nothing is fetched. */
  #noteTaken(taken: number, now: number): void {
    [this.#taken, this.#takenAt] = [taken, now];
    this.#trust();
  }

  #noteFetches(fetches: number): void {
    [this.#fetches, this.#silentSince] = [fetches, undefined];
    if (fetches > 0) this.#of.onFetched();
  }

  #stuck(now: number): Stuck | undefined {
    const { stuckAfterMs, silentAfterMs } = this.#of.times;
    const waitingMs = now - (this.#suspectSince ?? now);
    if (waitingMs >= stuckAfterMs) return { by: 'waiting', forMs: Math.round(waitingMs) };
    const silentMs = now - (this.#silentSince ?? now);
    return silentMs >= silentAfterMs ? { by: 'silence', forMs: Math.round(silentMs) } : undefined;
  }

  #trust(): void {
    [this.#suspectSince, this.#silentSince] = [undefined, undefined];
  }
}
