import { setTimeout as sleep } from 'node:timers/promises';
import { connect, ReveilleError, type ReveilleClient } from '@reveille/client';
import { resultOf, type RunEvent } from '../assistant/user.ts';
import type { UsageTable } from '../usage-table.ts';

/** What became of the questions of a user; each question is in exactly one of the last four. */
export type Count = {
  asked: number;
  /** With the right numbers. */
  answered: number;
  /** Failed with a reason that the user was told: the one clean failure. */
  told: number;
  /** No answer and no failure in time. */
  lost: number;
  /** An answer with other numbers. */
  wrong: number;
};

export const none: Count = { asked: 0, answered: 0, told: 0, lost: 0, wrong: 0 };

/** A user through the balancer, who asks one question after another until stopped. */
export class AskingUser implements Disposable {
  readonly name: string;
  readonly count: Count = { ...none };
  /** What was told instead of an answer, and what was wrong with one. */
  readonly failures: string[] = [];
  readonly #client: ReveilleClient;
  readonly #table: UsageTable;
  readonly #longestMs: number;
  #stopped = false;
  #askedAt = 0;
  readonly #waiters = new Set<{ since: number; resolve: () => void }>();

  constructor(of: { url: string; name: string; token: string; table: UsageTable; longestMs: number }) {
    this.name = of.name;
    this.#table = of.table;
    this.#longestMs = of.longestMs;
    this.#client = connect({ url: of.url, entrypoint: 'chat', token: of.token });
  }

  async askUntilStopped(): Promise<void> {
    while (!this.#stopped) {
      this.#askedAt = performance.now();
      this.count.asked += 1;
      const outcome = await this.#outcome();
      this.count[outcome] += 1;
      // As a user does who was told that it failed.
      if (outcome !== 'answered') await sleep(1000);
      else this.#tellWaiters();
    }
  }

  /**
   * Until a question was answered that was asked after `since` (by `performance.now`).
   * @throws when that takes longer than a question may take, twice
   */
  untilAnswered(since: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const longestMs = 2 * this.#longestMs;
    const late = setTimeout(() => reject(new Error(`${this.name} got no answer within ${longestMs} ms`)), longestMs);
    this.#waiters.add({ since, resolve });
    return promise.finally(() => clearTimeout(late));
  }

  /** After the question that is under way. */
  stop(): void {
    this.#stopped = true;
  }

  [Symbol.dispose](): void {
    this.stop();
    this.#client.close();
  }

  #tellWaiters(): void {
    for (const waiter of this.#waiters) {
      if (this.#askedAt < waiter.since) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  async #outcome(): Promise<Exclude<keyof Count, 'asked'>> {
    const signal = AbortSignal.timeout(this.#longestMs);
    try {
      const message = { text: 'Where do the tokens go?', files: [this.#table.file] };
      const frames = await Array.fromAsync(this.#client.ask(message, { signal }));
      const events = frames.map(({ data }) => data as unknown as RunEvent);
      const last = events.at(-1);
      if (last?.type === 'agent_failed') return this.#note('told', last.text);
      const { totals } = resultOf(events).analysis_results;
      const right = Object.entries(this.#table.totals);
      const given = new Map(Object.entries(totals ?? {}));
      if (right.some(([name, value]) => given.get(name) !== value)) return this.#note('wrong', totals ?? 'no totals');
      return 'answered';
    } catch (error) {
      // Given up here, by the clock of this test: that is what a user calls lost.
      if (signal.aborted) return this.#note('lost', (error as Error).message);
      // Anything else than a refusal or failure of the protocol is told to no user: no outcome that we promise.
      if (!(error instanceof ReveilleError)) return this.#note('wrong', String(error));
      return this.#note('told', `${error.code}: ${error.message}`);
    }
  }

  #note(outcome: 'told' | 'lost' | 'wrong', what: unknown): typeof outcome {
    this.failures.push(`${outcome}: ${typeof what === 'string' ? what : JSON.stringify(what)}`);
    return outcome;
  }
}
